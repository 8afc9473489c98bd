import { expect } from "vitest";
import { Agent } from "./agent.js";
import { NO_SERVER, PHONE, SIGNED_OUT } from "./browser.js";
import type { Server } from "./server.js";
import { test, type World } from "./world.js";

/** A page with the cookie of a login that is over is told so. */
const LOGGED_OUT = [...SIGNED_OUT, ...NO_SERVER];
/** Who was quicker is an answer, too. */
const TAKEN = [/(409 \(Conflict\)|404 \(Not Found\)).*\/sessions\//];

/** Two members of the team who have the same chat before them, and take it at the same moment. */
async function race(world: World, server: Server, role: string): Promise<{ winner: Agent; loser: Agent }> {
	const customer = await world.customer(`${server.url}/demo`);
	await customer.start({ message: "Whose am I?" });
	const agents: Agent[] = [];
	for (const name of ["Ana", "Tomas"]) {
		const login = await server.addAgent(name, role);
		const agent = await world.agent(server, { login, expected: TAKEN });
		await agent.openChat("Phương Anh", "unassigned");
		agents.push(agent);
	}
	// Neither request goes on before both are there.
	let arrived = 0;
	let together: () => void = () => undefined;
	const both = new Promise<void>((resolve) => {
		together = resolve;
	});
	for (const { page } of agents) {
		await page.route("**/claim", async (route) => {
			arrived += 1;
			if (arrived === agents.length) together();
			await both;
			await route.continue();
		});
	}
	await Promise.all(agents.map(({ head }) => head.getByRole("button", { name: "Take" }).click()));
	const winner = await Promise.any(
		agents.map(async (agent) => {
			await agent.head.getByText("Yours").waitFor();
			return agent;
		}),
	);
	const loser = agents.find((agent) => agent !== winner);
	if (loser === undefined) throw new Error("nobody lost");
	await customer.log.getByText(" joined the chat").waitFor();
	expect(await customer.log.getByText(" joined the chat").count()).toBe(1);
	return { winner, loser };
}

test("two supervisors take one chat: one has it, the other is told who", async ({ world }) => {
	const server = await world.server();
	const { winner, loser } = await race(world, server, "supervisor");
	const { assignee } = await winner.summary();
	await loser.page.getByText(`${assignee?.name} took this chat just before you.`).waitFor();
	await loser.head.getByText(`· ${assignee?.name}`).waitFor();
	expect(await loser.head.getByRole("button", { name: "Take" }).count()).toBe(0);
});

test("two agents take one chat: to the other it is not open any more", async ({ world }) => {
	const server = await world.server();
	const { winner, loser } = await race(world, server, "agent");
	await loser.page.getByRole("heading", { name: "This chat is not open to you any more." }).waitFor();
	await loser.page.getByText("Somebody else may have taken it.").waitFor();
	await loser.page.getByRole("button", { name: "Back to the list" }).click();
	await loser.page.getByText("Nobody is in line.").waitFor();
	await winner.send("You are with me");
	await winner.mark(/^(Sent|Delivered|Read)/).waitFor();
});

test("a chat's whole life moves through the lists of everybody", async ({ world }) => {
	const server = await world.server();
	const watcher = await world.agent(server, { path: "/console?view=unassigned" });
	await watcher.page.getByText("Nobody is in line.").waitFor();
	const ana = await world.agent(server, { login: await server.addAgent("Ana") });
	const mine = (group: string) => ana.page.getByRole("group", { name: group }).getByRole("option");

	// It comes.
	const customer = await world.customer(`${server.url}/demo`);
	await customer.start({ message: "A seam came undone" });
	await watcher.row("A seam came undone").waitFor();
	await watcher.page.getByRole("link", { name: "Waiting 1" }).waitFor();
	expect(await ana.page.getByText("No chat is yours yet.").count()).toBe(1);

	// Taken by key from anywhere: the next in line.
	await ana.page.keyboard.press("t");
	await ana.head.getByText("Yours").waitFor();
	await mine("Your turn").filter({ hasText: "A seam came undone" }).waitFor();
	await watcher.page.getByText("Nobody is in line.").waitFor();
	await watcher.view("waiting");
	await watcher.row("· Ana").waitFor();
	await customer.log.getByText("Ana joined the chat").waitFor();

	// Answered: now it is the customer's turn.
	await ana.send("Send it in, we mend it.");
	await mine("Their turn").filter({ hasText: "Send it in, we mend it." }).waitFor();
	await watcher.page.getByText("Everyone has an answer.").waitFor();
	expect((await ana.summary()).status).toBe("in_progress");
	await customer.bubble("Send it in, we mend it.").waitFor();

	// Written while Ana is elsewhere: unread, in her list and her title.
	await ana.page.keyboard.press("Escape");
	await ana.view("all");
	await ana.page.goto(`${server.url}/console`);
	await mine("Their turn").waitFor();
	await customer.send("Where to?");
	await mine("Your turn").filter({ hasText: "1 unread" }).waitFor();
	await expect.poll(() => ana.page.title()).toBe("(1) Mine · Hubbub");
	await ana.row("Where to?").click();
	await ana.log.getByText("1 new").waitFor();
	await expect.poll(() => ana.page.title()).toBe("Phương Anh · Hubbub");

	// Resolved, and taken back; resolved again, and reopened by the customer's word.
	const resolve = ana.head.getByRole("button", { name: "Resolve" });
	await resolve.click();
	await ana.head.getByText("Resolved").waitFor();
	await ana.page.getByRole("button", { name: "Undo" }).click();
	await ana.head.getByText("In progress").waitFor();
	await resolve.click();
	await ana.head.getByText("Resolved").waitFor();
	await customer.send("One more thing");
	await ana.head.getByText("In progress").waitFor();
	await ana.log.getByText("Opened again").waitFor();
	await ana.bubble("One more thing").waitFor();

	// Closed: that is asked first, and told to the customer, whose next word begins a new chat.
	const first = ana.session;
	await ana.head.getByRole("button", { name: "Close" }).click();
	const question = ana.page.getByRole("dialog", { name: "Close this chat?" });
	await question.getByRole("button", { name: "Keep it open" }).click();
	expect((await ana.summary()).status).toBe("in_progress");
	await ana.head.getByRole("button", { name: "Close" }).click();
	await question.getByRole("button", { name: "Close chat" }).click();
	await ana.page.getByText(/^Closed by you at /).waitFor();
	await customer.log.getByText("Ana ended the chat. Write again to start a new one.").waitFor();

	await customer.send("And another seam");
	await customer.mark(/^(Sent|Delivered)$/).waitFor();
	await watcher.view("unassigned");
	await watcher.row("And another seam").waitFor();
	await ana.page.getByText("It goes on in a new chat.").waitFor();
	await ana.page.getByRole("button", { name: "Go there" }).click();
	await ana.bubble("And another seam").waitFor();
	expect(ana.session).not.toBe(first);
	expect((await ana.summary()).previous_session_id).toBe(first);
	expect((await ana.summary(first)).next_session_id).toBe(ana.session);

	// To the customer it is one conversation.
	const said = [
		"A seam came undone",
		"Send it in, we mend it.",
		"Where to?",
		"One more thing",
		"And another seam",
	];
	await expect.poll(() => customer.said()).toEqual(said);
	await ana.send("Same address");
	await customer.bubble("Same address").waitFor();
});

for (const [size, options] of [
	["desktop", {}],
	["phone", PHONE],
] as const) {
	test(`an address opens its chat, before and after signing in (${size})`, async ({ world }) => {
		const server = await world.server();
		const login = await server.addAgent("Ana");
		const customer = await world.customer(`${server.url}/demo`);
		await customer.start({ message: "Right here" });
		const { session } = await customer.stored();
		const path = `/console/sessions/${session}`;

		const agent = await world.agent(server, { ...options, login, path });
		await agent.bubble("Right here").waitFor();

		const window = await world.window({ ...options, expected: SIGNED_OUT });
		const stranger = new Agent(await window.context.newPage(), server.url);
		const { page } = stranger;
		await page.goto(`${server.url}${path}`);
		await page.getByLabel("E-mail").fill(login.email);
		await page.getByRole("textbox", { name: "Password", exact: true }).fill(login.password);
		await page.keyboard.press("Enter");
		await stranger.bubble("Right here").waitFor();
		expect(stranger.session).toBe(session);

		if (size === "phone") {
			// One pane: the chat is all there is, until one goes back.
			expect(await stranger.list.isHidden()).toBe(true);
			await stranger.head.getByRole("button", { name: "Back to the list" }).click();
			await stranger.list.waitFor();
			expect(await stranger.field.isHidden()).toBe(true);
		}
	});
}

test("what is not there and what is not open look alike", async ({ world }) => {
	const server = await world.server();
	const nothing = "/console/sessions/0197f000-0000-7000-8000-000000000000";
	const agent = await world.agent(server, { path: nothing });
	const words = agent.page.getByRole("heading", { name: "This chat is not here, or not open to you." });
	await words.waitFor();
	await agent.page.goto(`${server.url}/console/sessions/%3Cscript%3E`);
	await words.waitFor();
	await agent.page.getByRole("button", { name: "Back to the list" }).click();
	await agent.page.getByText("No chat is yours yet.").waitFor();
});

test("a member of the team who is shut out is out at once", async ({ world }) => {
	const server = await world.server();
	const login = await server.addAgent("Ana");
	const ana = await world.agent(server, { login, expected: LOGGED_OUT });
	await ana.page.getByText("No chat is yours yet.").waitFor();
	await server.disableAgent(login.email);
	await ana.page.getByText("You have been signed out.").waitFor();
	await ana.page.getByLabel("E-mail").fill(login.email);
	await ana.page.getByRole("textbox", { name: "Password", exact: true }).fill(login.password);
	await ana.page.getByRole("button", { name: "Sign in" }).click();
	await ana.page.locator("#password-error").waitFor();
});

test("signing out ends it in every tab, and keeps the draft for the same person", async ({ world }) => {
	const server = await world.server();
	const customer = await world.customer(`${server.url}/demo`);
	await customer.start({ message: "Hello" });
	const login = await server.addAgent("Ana");
	const agent = await world.agent(server, { login, expected: LOGGED_OUT });
	await agent.openChat("Phương Anh", "unassigned");
	await agent.field.fill("half an answer");
	const other = new Agent(await agent.page.context().newPage(), server.url);
	await other.page.goto(`${server.url}/console`);
	await other.page.getByRole("button", { name: "Sign out" }).click();
	await other.page.getByRole("heading", { name: "Sign in to Hubbub" }).waitFor();
	await agent.page.getByText("You have been signed out.").waitFor();
	const me = await agent.page.request.get(`${server.url}/api/v1/auth/me`);
	expect(me.status()).toBe(401);

	await agent.page.getByLabel("E-mail").fill(login.email);
	await agent.page.getByRole("textbox", { name: "Password", exact: true }).fill(login.password);
	await agent.page.keyboard.press("Enter");
	await agent.bubble("Hello").waitFor();
	expect(await agent.field.inputValue()).toBe("half an answer");
});

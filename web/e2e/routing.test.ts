import type { Page } from "playwright-core";
import { expect } from "vitest";
import type { Agent } from "./agent.js";
import { barriers } from "./axe.js";
import { PHONE, WIDE } from "./browser.js";
import type { Customer } from "./customer.js";
import { ADMIN, type Server } from "./server.js";
import { test } from "./world.js";

const clear = async (page: Page, where: string) => expect(await barriers(page), where).toEqual([]);
const line = (customer: Customer, words: string) =>
	customer.panel.getByRole("status").getByText(words, { exact: true });
const card = (agent: Agent) => agent.page.getByRole("article");
const online = (agent: Agent) =>
	agent.page.locator(".rail-account").getByText("Online", { exact: true }).waitFor();

/** Somebody who sets things up without a screen. */
async function api(agent: Agent, method: "POST" | "PATCH" | "GET", path: string, data?: unknown) {
	const answer = await agent.page.request.fetch(`${agent.url}/api/v1${path}`, {
		method,
		...(data === undefined ? {} : { data }),
		headers: { origin: agent.url },
	});
	if (!answer.ok()) throw new Error(`${path}: ${answer.status()} ${await answer.text()}`);
	return await answer.json();
}

async function takesAtMost(admin: Agent, name: string, max_chats: number): Promise<void> {
	const { items } = await api(admin, "GET", "/agents");
	const { id } = items.find((one: { name: string }) => one.name === name);
	await api(admin, "PATCH", `/agents/${id}`, { max_chats });
}

async function tess(
	world: { agent: (server: Server, options: object) => Promise<Agent> },
	server: Server,
	name = "Tess",
) {
	return await world.agent(server, { ...WIDE, login: await server.addAgent(name) });
}

test("the line drains as an agent comes, and the customer sees the place fall", async ({ world }) => {
	const server = await world.server({ flags: ["--routing", "automatic", "--take-messages", "true"] });
	const admin = await world.agent(server, { ...WIDE, login: ADMIN });
	await online(admin);
	// Somebody is here, with no room.
	await takesAtMost(admin, "Admin", 0);
	const first = await world.customer(`${server.url}/demo`);
	const second = await world.customer(`${server.url}/demo`);
	const third = await world.customer(`${server.url}/demo`, { ...PHONE, colorScheme: "dark" });
	await first.start({ message: "The first question" });
	await line(first, "You're next.").waitFor();
	await second.start({ message: "The second question" });
	await third.start({ message: "The third question" });
	await line(third, "You're number 3 in line.").waitFor();
	const login = await server.addAgent("Tess");
	await takesAtMost(admin, "Tess", 2);
	const agent = await world.agent(server, { ...WIDE, login });
	await first.log.getByText("Tess joined the chat").waitFor();
	await second.log.getByText("Tess joined the chat").waitFor();
	await line(third, "You're next.").waitFor();
	await takesAtMost(admin, "Tess", 3);
	await third.log.getByText("Tess joined the chat").waitFor();
	await agent.view("mine");
	await agent.row("The third question").waitFor();
});

test("an offer is declined by one and accepted by the next", async ({ world }) => {
	const server = await world.server({ flags: ["--routing", "offer"] });
	const admin = await world.agent(server, { ...WIDE, login: ADMIN });
	await takesAtMost(admin, "Admin", 0);
	const one = await tess(world, server);
	await online(one);
	const customer = await world.customer(`${server.url}/demo`);
	await customer.start({ message: "A seam came undone" });
	await card(one).getByText("A seam came undone").waitFor();
	await one.page
		.locator("[aria-live=polite]")
		.getByText(/^You are asked to take the chat/)
		.waitFor();
	await clear(one.page, "an offer");
	const other = await world.agent(server, {
		...PHONE,
		colorScheme: "dark",
		login: await server.addAgent("Ulla"),
	});
	await one.page.keyboard.press("n");
	await card(one).waitFor({ state: "detached" });
	await card(other).getByText("A seam came undone").waitFor();
	await clear(other.page, "an offer on a phone");
	await card(other).getByRole("button", { name: "Accept" }).click();
	await card(other).waitFor({ state: "detached" });
	await customer.log.getByText("Ulla joined the chat").waitFor();
	await other.log.getByText("Offer accepted by you").waitFor();
});

test("what is written while nobody is there is answered the next morning", async ({ world }) => {
	const server = await world.server({ flags: ["--routing", "automatic", "--take-messages", "true"] });
	const customer = await world.customer(`${server.url}/demo`, PHONE);
	await customer.start({ message: "Is anybody there?" });
	const away = "No one is at the desk just now. Leave a message, and we write back.";
	await customer.log.getByText(away).waitFor();
	await customer.send("Then I write it here");
	await customer.bubble("Then I write it here").waitFor();
	await clear(customer.page, "a message");

	const agent = await tess(world, server);
	await customer.log.getByText("Tess joined the chat").waitFor();
	await agent.openChat("Then I write it here", "mine");
	await agent.log.getByText("Taken as a message: nobody was here").waitFor();
	await agent.send("Good morning");
	await customer.bubble("Good morning").waitFor();
});

test("a chat is handed on to a team, and set up in the settings", async ({ world }) => {
	const server = await world.server();
	const admin = await world.agent(server, { ...WIDE, login: ADMIN, expected: [/422 .*\/settings/] });
	const { id } = await api(admin, "POST", "/teams", { name: "Billing", members: [] });
	expect(id).toBeTruthy();
	const customer = await world.customer(`${server.url}/demo`);
	await customer.start({ message: "About my invoice" });
	await admin.openChat("About my invoice", "unassigned");
	await admin.take();
	await admin.log.focus();
	await admin.page.keyboard.press("a");
	const dialog = admin.page.getByRole("dialog", { name: "Hand this chat over" });
	await dialog.getByRole("radio", { name: "A team" }).check();
	await dialog.getByRole("radio", { name: /Billing/ }).check();
	await dialog.getByLabel("Note").fill("Paid twice");
	await clear(admin.page, "handing on");
	await dialog.getByRole("button", { name: "Hand over to Billing" }).click();
	await dialog.waitFor({ state: "detached" });
	await admin.log.getByText("Handed on to the team Billing by you").waitFor();
	await admin.head.getByText("· Billing").waitFor();
	await admin.view("unassigned");
	await admin.row("Billing").waitFor();

	await admin.page.goto(`${server.url}/console/settings/routing`);
	await admin.page.getByRole("heading", { name: "Routing", level: 1 }).waitFor();
	await admin.page.getByRole("radio", { name: "Offered" }).check();
	await admin.page.getByLabel("Seconds to answer an offer").fill("1");
	await admin.page.getByRole("button", { name: "Save" }).click();
	await admin.page.getByText("The time to answer must be a number from 5 to 600.").waitFor();
	await admin.page.getByLabel("Seconds to answer an offer").fill("20");
	await clear(admin.page, "routing");
	await admin.page.getByRole("button", { name: "Save" }).click();
	await admin.page.getByText("Saved", { exact: true }).first().waitFor();
	expect((await api(admin, "GET", "/settings")).routing).toMatchObject({ mode: "offer", offer_seconds: 20 });

	await admin.page.goto(`${server.url}/console/settings/board`);
	await admin.page.getByRole("heading", { name: "Live board" }).waitFor();
	await admin.page.getByText("#1 · Billing").waitFor();
	await clear(admin.page, "the board");
});

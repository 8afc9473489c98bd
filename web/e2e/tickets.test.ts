import type { Page } from "playwright-core";
import { expect } from "vitest";
import type { Agent } from "./agent.js";
import { barriers } from "./axe.js";
import { DESKTOP, PHONE, WIDE } from "./browser.js";
import { test } from "./world.js";

/** The team may be hidden from some. */
const NO_TEAM = [/403 \(Forbidden\).*\/agents/];
const REFUSED = [/422 \(Unprocessable Entity\).*\/sessions\//];

const dialog = (page: Page, name: string | RegExp) => page.getByRole("dialog", { name });
const clear = async (page: Page, where: string) => expect(await barriers(page), where).toEqual([]);
/** Opens a dialog by its key, from outside of any field. */
async function press(agent: Agent, key: string): Promise<void> {
	await agent.log.focus();
	await agent.page.keyboard.press(key);
}

test("what one notes of a chat, the whole team sees at once", async ({ world }) => {
	const server = await world.server();
	const customer = await world.customer(`${server.url}/demo`);
	await customer.start({ message: "A seam came undone" });
	const admin = await world.agent(server, { ...WIDE, expected: REFUSED });
	const tess = await world.agent(server, {
		...WIDE,
		login: await server.addAgent("Tess"),
		path: "/console?view=unassigned",
	});
	await tess.row("A seam came undone").waitFor();
	await admin.openChat("Phương Anh", "unassigned");
	await admin.head.getByText(/#\d+/).waitFor();
	const { page } = admin;

	// By keys alone: tags, then the rest.
	await press(admin, "l");
	const details = dialog(page, /^Details of #\d+$/);
	const tags = details.getByLabel("Tags", { exact: true });
	await tags.waitFor();
	await expect.poll(() => tags.evaluate((field) => field === document.activeElement)).toBe(true);
	await page.keyboard.type("Damaged");
	await page.keyboard.press("Enter");
	await page.keyboard.type("porto,repair");
	await page.keyboard.press("Enter");
	await details.getByRole("button", { name: "Remove tag repair" }).waitFor();
	await page.keyboard.press("Backspace");
	await details.getByRole("button", { name: "Remove tag repair" }).waitFor({ state: "detached" });
	await page.keyboard.type("x".repeat(41));
	await page.keyboard.press("Enter");
	await details.getByText("A tag has at most 40 characters.").waitFor();
	await clear(page, "details");
	await tags.fill("");
	await details.getByLabel("Subject").fill("Torn seam, Skerry");
	await details.getByLabel("Category").fill("Damaged goods");
	await details.getByRole("radio", { name: "Normal" }).focus();
	await page.keyboard.press("ArrowRight");
	expect(await details.getByRole("radio", { name: "High" }).isChecked()).toBe(true);
	await page.keyboard.press("Enter");
	await details.waitFor({ state: "detached" });
	expect(await admin.summary()).toMatchObject({
		subject: "Torn seam, Skerry",
		category: "Damaged goods",
		priority: "high",
		tags: ["damaged", "porto"],
	});

	// On both screens: in the head, in the log, and in the other's list.
	await admin.head.getByText("High priority").waitFor();
	await page.locator(".ticket-line").getByText("porto").waitFor();
	const row = tess.row("A seam came undone");
	await row.getByText("High priority").waitFor({ state: "attached" });
	await row.getByText("damaged, porto").waitFor();
	await clear(tess.page, "list with marks");
	await tess.openChat("Phương Anh", "unassigned");
	await tess.page.locator(".ticket-line").getByText("Torn seam, Skerry").waitFor();
	await clear(tess.page, "thread with marks");

	// A colleague's tags of the meantime stay; what was typed stays when there is no room for it.
	await press(admin, "l");
	await tags.waitFor();
	const tagged = async (all: readonly string[]) => {
		const path = `${server.url}/api/v1/sessions/${admin.session}`;
		expect((await tess.page.request.patch(path, { data: { tags: all } })).ok()).toBe(true);
		await expect.poll(async () => (await row.textContent()) ?? "").toContain(all.join(", "));
	};
	await tagged(["damaged", ...Array.from({ length: 18 }, (_, at) => `note ${at + 10}`), "porto"]);
	await tags.fill("refund");
	await details.getByRole("button", { name: "Save" }).click();
	await details.getByText("The tags must be at most 20.").waitFor();
	expect(await tags.inputValue()).toBe("refund");
	await clear(page, "details refused");
	await tagged(["damaged", "porto", "vip"]);
	await details.getByRole("button", { name: "Save" }).click();
	await details.waitFor({ state: "detached" });
	expect((await admin.summary()).tags).toEqual(["damaged", "porto", "refund", "vip"]);

	// Escape gives the focus back, and changes nothing.
	await admin.head.getByRole("button", { name: "More actions" }).press("ArrowDown");
	const menu = page.getByRole("menu", { name: "More actions" });
	await menu.waitFor();
	await clear(page, "menu");
	await page.keyboard.press("Enter");
	await details.waitFor();
	await details.getByLabel("Subject").fill("Something else");
	await page.keyboard.press("Escape");
	await details.waitFor({ state: "detached" });
	const focused = () => page.evaluate(() => document.activeElement?.getAttribute("aria-label"));
	expect(await focused()).toBe("More actions");
	expect((await admin.summary()).subject).toBe("Torn seam, Skerry");

	// Nothing of it is the customer's business.
	expect(await customer.log.textContent()).not.toMatch(/porto|priority|Torn seam/i);
});

test("a chat is handed over with a note, that the customer never sees", async ({ world }) => {
	const server = await world.server();
	const customer = await world.customer(`${server.url}/demo`);
	await customer.start({ message: "A seam came undone" });
	const admin = await world.agent(server, WIDE);
	await server.addAgent("Tomas");
	const tess = await world.agent(server, { login: await server.addAgent("Tess"), expected: NO_TEAM });
	await tess.page.getByText("No chat is yours yet.").waitFor();
	await admin.openChat("Phương Anh", "unassigned");
	await admin.take();
	await customer.log.getByText("Admin joined the chat").waitFor();

	const { page } = admin;
	await press(admin, "a");
	const handOver = dialog(page, "Hand this chat over");
	const search = handOver.getByLabel("Colleague");
	await search.fill("nobody of that name");
	await handOver.getByText("Nobody found for “nobody of that name”.").waitFor();
	await search.fill("tés");
	await search.press("Enter");
	expect(await handOver.getByRole("radio", { name: /^Tess/ }).isChecked()).toBe(true);
	await handOver.getByLabel("Note").fill("She knows the Porto batch");
	await clear(page, "hand over");
	// Left and opened again, the note is still there.
	await page.keyboard.press("Escape");
	await handOver.waitFor({ state: "detached" });
	await press(admin, "a");
	await search.fill("tess");
	await search.press("ArrowDown");
	await page.keyboard.press("Space");
	expect(await handOver.getByLabel("Note").inputValue()).toBe("She knows the Porto batch");
	await handOver.getByRole("button", { name: "Hand over to Tess" }).click();
	await handOver.waitFor({ state: "detached" });
	await admin.head.getByText("· Tess").waitFor();
	await page.getByText("Handed over to Tess", { exact: true }).first().waitFor();

	// Tess is told, sees who gave it to her and why, and the customer sees her name.
	const toast = tess.page.locator(".toast");
	await toast.getByText("A chat came to you: Phương Anh").waitFor();
	await clear(tess.page, "a chat came");
	await toast.getByRole("button", { name: "Open" }).click();
	await tess.head.getByText("Yours").waitFor();
	await tess.log.locator(".note").getByText("She knows the Porto batch").waitFor();
	await tess.log.getByText("Handed over to you by Admin").waitFor();
	await customer.log.getByText("Tess takes over from Admin").waitFor();
	await customer.panel.getByRole("heading", { name: "Tess" }).waitFor();
	await tess.send("I am here for you now");
	await customer.bubble("I am here for you now").waitFor();
	expect(
		await customer.page.evaluate(() => document.querySelector("hubbub-chat")?.shadowRoot?.textContent),
	).not.toContain("Porto");

	// Who may not see the team is told what to do instead.
	await tess.page.route("**/api/v1/agents", (route) =>
		route.fulfill({ status: 403, json: { code: "forbidden" } }),
	);
	await press(tess, "a");
	const refused = dialog(tess.page, "Hand this chat over");
	await refused.getByText("Your colleagues are not listed for you.").waitFor();
	await clear(tess.page, "hand over without a list");
	await refused.getByRole("button", { name: "Put back in line" }).click();
	await tess.head.getByText("Nobody has it yet").waitFor();
	await tess.page.locator(".toast").getByRole("button", { name: "Undo" }).click();
	await tess.head.getByText("Yours").waitFor();

	// A supervisor takes it over: to an agent it is not open any more.
	await press(admin, "m");
	const menu = page.getByRole("menu");
	await menu.getByRole("menuitem", { name: "Take over" }).click();
	await admin.head.getByText("Yours").waitFor();
	await admin.log.getByText("Taken over from Tess by you").waitFor();
	await tess.page.getByRole("heading", { name: "This chat is not open to you any more." }).waitFor();
	await customer.log.getByText("Admin takes over from Tess").waitFor();
});

test("an agent hands a chat over, and is back at the list", async ({ world }) => {
	const server = await world.server();
	const customer = await world.customer(`${server.url}/demo`);
	await customer.start({ message: "A seam came undone" });
	const ana = await world.agent(server, { login: await server.addAgent("Ana") });
	const tess = await world.agent(server, {
		login: await server.addAgent("Tess"),
		path: "/console?view=mine",
	});
	await tess.page.getByText("No chat is yours yet.").waitFor();
	await ana.openChat("Phương Anh", "unassigned");
	await ana.take();
	await ana.view("mine");

	await press(ana, "m");
	await ana.page.keyboard.press("a");
	const handOver = dialog(ana.page, "Hand this chat over");
	await handOver.getByText("Tess").click();
	await handOver.getByLabel("Note").fill("She asks for you");
	await handOver.getByRole("button", { name: "Hand over to Tess" }).click();
	await handOver.waitFor({ state: "detached" });
	await ana.page.locator(".toast").getByText("Handed over to Tess").waitFor();
	expect(new URL(ana.page.url()).pathname).toBe("/console");
	await tess.page.locator(".toast").getByRole("button", { name: "Open" }).click();
	await tess.log.locator(".note").getByText("She asks for you").waitFor();
	await customer.log.getByText("Tess takes over from Ana").waitFor();

	// Tess is an agent, too: the chat is hers alone.
	await ana.view("all");
	await ana.page.getByText("No chats yet.").waitFor();
});

test("what is put aside comes back when the customer writes, or at its time", async ({ world }) => {
	const server = await world.server();
	const customer = await world.customer(`${server.url}/demo`);
	await customer.start({ message: "Is it in stock?" });
	const agent = await world.agent(server, { ...DESKTOP, login: await server.addAgent("Ana", "supervisor") });
	await agent.openChat("Phương Anh", "unassigned");
	await agent.take();
	await agent.send("I will ask, and write tomorrow.");
	await agent.view("mine");
	const { page } = agent;

	await press(agent, "s");
	const aside = dialog(page, "Put this chat aside");
	await aside.getByRole("button", { name: "Put aside" }).click();
	await aside.getByText("Choose a day and an hour.").waitFor();
	await clear(page, "put aside");
	await aside.getByRole("button", { name: "Until tomorrow morning" }).click();
	await aside.waitFor({ state: "detached" });
	await page
		.locator(".ticket-line")
		.getByText(/^Put aside until tomorrow, /)
		.waitFor();
	expect((await agent.summary()).snoozed_until).not.toBeNull();
	await page.getByText("No chat is yours yet.").waitFor();
	await agent.view("snoozed");
	await agent.row("put aside until tomorrow").waitFor();
	await clear(page, "list of what is put aside");

	// The customer does not wait until then.
	await page.goto(`${server.url}/console?view=mine`);
	await page.getByText("No chat is yours yet.").waitFor();
	await customer.send("One more question");
	await page.getByRole("group", { name: "Your turn" }).getByRole("option").waitFor();
	await page.locator("[aria-live=polite]").getByText("Phương Anh: One more question").waitFor();
	await agent.row("One more question").click();
	await agent.log.getByText("Taken up again: Phương Anh wrote").waitFor();
	expect(await customer.log.textContent()).not.toMatch(/aside|again/);

	// A time of one's own; taken up again by hand; and by the clock.
	await press(agent, "s");
	await aside.getByLabel("Until a day and an hour").fill("2001-01-01T09:00");
	await aside.getByRole("button", { name: "Put aside" }).click();
	await aside.getByText("Choose a time to come.").waitFor();
	const next = new Date().getFullYear() + 1;
	await aside.getByLabel("Until a day and an hour").fill(`${next}-01-02T10:30`);
	await aside.getByRole("button", { name: "Put aside" }).click();
	await aside.waitFor({ state: "detached" });
	const line = page.locator(".ticket-line.aside");
	await line.getByText(/^Put aside until .*2.*Jan/).waitFor();
	await clear(page, "thread of a chat put aside");
	await line.getByRole("button", { name: "Take up again" }).click();
	await line.waitFor({ state: "detached" });
	await agent.log.getByText("Taken up again by you").waitFor();

	await agent.view("unassigned");
	const soon = new Date(Date.now() + 1_500).toISOString();
	await page.request.patch(`${server.url}/api/v1/sessions/${agent.session}`, {
		data: { snoozed_until: soon },
	});
	const last = async () => (await agent.stored()).at(-1);
	await expect.poll(last).toMatchObject({ sender: { kind: "system" }, event: { type: "unsnoozed" } });
	await agent.view("mine");
	await agent.row("One more question").waitFor();
});

test("all of it can be done on a phone", async ({ world }) => {
	const server = await world.server();
	const customer = await world.customer(`${server.url}/demo`);
	await customer.start({ message: "A seam came undone" });
	const agent = await world.agent(server, { ...PHONE, colorScheme: "dark" });
	await agent.openChat("Phương Anh", "unassigned");
	const { page } = agent;
	const choose = async (name: string) => {
		await agent.head.getByRole("button", { name: "More actions" }).click();
		await page.getByRole("menuitem", { name }).click();
	};

	await choose("Edit details");
	const details = dialog(page, /^Details of #\d+$/);
	await details.getByLabel("Subject").fill("Torn seam");
	await details.getByRole("radio", { name: "Urgent" }).check();
	await details.getByLabel("Tags", { exact: true }).fill("damaged");
	await clear(page, "details on a phone");
	// What stands in the tag field is meant, too.
	await details.getByRole("button", { name: "Save" }).click();
	await details.waitFor({ state: "detached" });
	await agent.head.getByText("Urgent priority").waitFor();
	await page.locator(".ticket-line").getByText("damaged").waitFor();
	await choose("About this chat");
	await page.locator(".side").getByText("Torn seam").waitFor();
	await clear(page, "side panel on a phone");
	await page.locator(".side").getByRole("button", { name: "Close", exact: true }).click();

	await choose("Put aside");
	await dialog(page, "Put this chat aside").getByRole("button", { name: "For an hour" }).click();
	await page
		.getByText(/^Put aside until .*\d/)
		.first()
		.waitFor();
	await clear(page, "put aside on a phone");
	const width = await page.evaluate(() => document.documentElement.scrollWidth);
	expect(width).toBeLessThanOrEqual(PHONE.viewport.width);
	await agent.head.getByRole("button", { name: "Back to the list" }).click();
	await agent.view("snoozed");
	await agent.row("Urgent priority").waitFor();
	await clear(page, "list on a phone");
});

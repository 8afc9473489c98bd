/** Saved views: lists of one's own making, and everybody's, each with how many chats it has now. */
import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { barriers } from "./axe.js";
import { DESKTOP, PHONE, WIDE } from "./browser.js";
import type { Server } from "./server.js";
import { test } from "./world.js";

/** Where pictures are kept, if somebody wants to look at them. */
const SHOTS = process.env.HUBBUB_SHOTS;

/** The rail has room for icons only. */
const NARROW = { viewport: { width: 1024, height: 768 } } as const;

/** What the server refuses, the form tells beside its field. */
const REFUSED = [/4(09|22) \((Conflict|Unprocessable Entity)\)/];

const clear = async (page: Page, where: string) => {
	expect(await barriers(page), where).toEqual([]);
	const wide = await page.evaluate(() => document.documentElement.scrollWidth);
	expect(wide, `${where}: sideways`).toBeLessThanOrEqual(page.viewportSize()?.width ?? 0);
};
const nav = (page: Page) => page.getByRole("navigation", { name: "Views" }).filter({ visible: true });
const link = (page: Page, name: string) => nav(page).getByRole("link", { name: new RegExp(`^.*${name}`) });
const names = (page: Page) => nav(page).locator(".view-name").allTextContents();
const countOf = (page: Page, name: string) => link(page, name).locator(".view-count").textContent();
const heading = (page: Page, name: string) => page.getByRole("heading", { level: 1, name });
const toast = (page: Page, text: string) => page.locator(".toast").getByText(text);

/** What is done behind the pages, as this member of the team. */
function behind(page: Page, server: Server) {
	const ask = async <T>(method: string, path: string, data: unknown): Promise<T> => {
		const headers = { Origin: server.url };
		const answer = await page.request.fetch(`${server.url}/api/v1${path}`, { method, headers, data });
		expect(answer.ok(), `${method} ${path}: ${await answer.text()}`).toBe(true);
		return (answer.status() === 204 ? {} : await answer.json()) as T;
	};
	let begun = 0;
	return {
		ask,
		async chat(name: string, message: string): Promise<string> {
			begun += 1;
			const who = { name, phone: `+44 7700 9006${begun + 10}`, message };
			const { session } = await ask<{ session: { id: string } }>("POST", "/sites/demo/sessions", who);
			return session.id;
		},
		tag: (session: string, ...tags: string[]) => ask("PATCH", `/sessions/${session}`, { tags }),
	};
}

test("a view is made by tag, lives, is shared, moved and deleted", async ({ world }) => {
	const server = await world.server();
	const login = await server.addAgent("Tess");
	const boss = await world.agent(server, { ...WIDE, expected: REFUSED });
	const tess = await world.agent(server, { ...DESKTOP, login });
	const { page } = boss;
	const { chat, tag } = behind(page, server);
	const first = await chat("Rosa", "It came broken");
	const second = await chat("Bea", "So did mine");

	// By keys alone, from the list.
	await nav(page).getByText("A view is a list of your own making").waitFor();
	await boss.view("all");
	await boss.row("Rosa").waitFor();
	await clear(page, "no view yet");
	await page.keyboard.press("v");
	await page.keyboard.press("Tab");
	await page.keyboard.press("Enter");
	await heading(page, "New view").waitFor();
	await page.getByText("2 chats fit now.").waitFor();
	await page.getByLabel("Tag").fill("x".repeat(41));
	await page.getByLabel("Name", { exact: true }).fill("Damaged");
	await page.getByRole("button", { name: "Save" }).click();
	await page.getByText(/^The tag has 41 characters/).waitFor();
	await page.getByLabel("Tag").fill("Damaged");
	await page.getByText("No chat fits now.").waitFor();
	await tag(first, "damaged");
	await page.getByText("1 chat fits now.").waitFor();
	await page.getByLabel("Begun until").fill("2020-01-31");
	await page.getByText("No chat fits now.").waitFor();
	await page.getByText("Chats that began on that day or before.").waitFor();
	await page.getByLabel("Begun until").fill("");
	await page.getByText("1 chat fits now.").waitFor();
	// Key by key the year is 2, 20 and 202 before it is 2020.
	await page.getByLabel("Went on since").pressSequentially("01312020");
	expect(await page.getByLabel("Went on since").inputValue()).toBe("2020-01-31");
	await page.getByText("1 chat fits now.").waitFor();
	await clear(page, "a new view");
	await page.getByLabel("Name", { exact: true }).press("Enter");
	await heading(page, "Damaged").waitFor();
	await boss.row("Rosa").waitFor();
	await expect.poll(() => countOf(page, "Damaged")).toBe("1");
	expect(await link(page, "Damaged").getAttribute("aria-current")).toBe("page");

	// Chats come and leave by themselves; a reload and a link lead here.
	await page.mouse.move(1200, 400);
	await tag(second, "damaged", "porto");
	await boss.row("Bea").waitFor();
	await expect.poll(() => countOf(page, "Damaged")).toBe("2");
	const address = page.url();
	expect(address).toMatch(/\?view=[\da-f-]{36}$/);
	await page.reload();
	await heading(page, "Damaged").waitFor();
	await boss.row("Rosa").waitFor();
	await tag(first);
	await boss.row("Rosa").waitFor({ state: "detached" });
	await expect.poll(() => countOf(page, "Damaged")).toBe("1");
	await tag(second);
	await page.getByText("No chat fits this view now.").waitFor();
	await clear(page, "an empty view");
	await tag(second, "damaged");
	await boss.row("Bea").click();
	await boss.field.waitFor();
	expect(new URL(page.url()).searchParams.get("view")).toBe(new URL(address).searchParams.get("view"));
	await boss.view("mine");

	// Everybody's from now on: a colleague has it at once, and cannot change it.
	await nav(tess.page).getByText("A view is a list of your own making").waitFor();
	await page.goto(address);
	await page.getByRole("button", { name: "Actions for Damaged" }).click();
	await page.getByRole("menuitem", { name: "Edit view" }).click();
	await page.getByRole("radio", { name: "Everybody" }).check();
	await page.getByRole("button", { name: "Save" }).click();
	await toast(page, "Saved").waitFor();
	await link(tess.page, "Damaged").click();
	await tess.row("Bea").waitFor();
	await tess.page.getByText("Everybody’s view. Supervisors and admins change it.").waitFor();
	expect(await tess.page.getByRole("button", { name: "Actions for Damaged" }).count()).toBe(0);
	await clear(tess.page, "a view of everybody’s");
	const own = new URL(tess.page.url()).searchParams.get("view");
	await tess.page.goto(`${server.url}/console/settings/views/${own}`);
	await heading(tess.page, "This page is not here, or not open to you.").waitFor();

	// Its filter is changed under those who look at it.
	await tess.page.goto(address);
	await tess.row("Bea").waitFor();
	await page.getByLabel("Tag").fill("");
	await page.getByRole("combobox", { name: "Held by" }).selectOption("Nobody");
	await page.getByText("2 chats fit now.").waitFor();
	await page.getByRole("button", { name: "Save" }).click();
	await page.locator(".save-bar").waitFor({ state: "detached" });
	await tess.row("Rosa").waitFor();
	await expect.poll(() => countOf(tess.page, "Damaged")).toBe("2");

	// A second one, whose name has to be its own; then both change places.
	await page.goto(`${server.url}/console/settings/views`);
	await page.getByRole("link", { name: "New view" }).click();
	await page.getByLabel("Name", { exact: true }).fill("Damaged");
	await page.getByRole("radio", { name: "Everybody" }).check();
	await page.getByRole("button", { name: "Save" }).click();
	await page.getByText("The name is in use already.").waitFor();
	await page.getByLabel("Name", { exact: true }).fill("Urgent");
	await page.getByRole("group", { name: "Priority" }).getByLabel("Urgent").check();
	await page.getByRole("button", { name: "Save" }).click();
	await heading(page, "Urgent").waitFor();
	await expect.poll(() => names(tess.page)).toEqual(["Damaged", "Urgent"]);
	await page.getByRole("button", { name: "Actions for Urgent" }).click();
	await page.getByRole("menuitem", { name: "Move up" }).click();
	await toast(page, "Urgent is number 1 now").waitFor();
	await expect.poll(() => names(tess.page)).toEqual(["Urgent", "Damaged"]);
	await page.getByRole("button", { name: "Actions for Urgent" }).click();
	await page.getByRole("menuitem", { name: "Change all views" }).click();
	await page.getByText(/^Held by nobody; gone on since .*2020$/).waitFor();
	await page.getByRole("button", { name: "Move Damaged up" }).press("Enter");
	await expect.poll(() => names(tess.page)).toEqual(["Damaged", "Urgent"]);
	await clear(page, "all views");

	// Whoever looks at it when it goes is told, and led back.
	await page
		.getByRole("link", { name: /^Damaged/ })
		.last()
		.click();
	await page.getByRole("button", { name: "Delete view" }).click();
	await page.getByRole("dialog").getByRole("button", { name: "Delete view" }).click();
	await toast(page, "View deleted").waitFor();
	await heading(tess.page, "This view is not here.").waitFor();
	await expect.poll(() => names(tess.page)).toEqual(["Urgent"]);
	await clear(tess.page, "a view that is gone");
	await tess.page.getByRole("button", { name: "Back to Mine" }).click();
	await heading(tess.page, "Mine").waitFor();
});

test("whom a note names finds the chat under Mentions", async ({ world }) => {
	const server = await world.server();
	const login = await server.addAgent("Tess", "supervisor");
	const boss = await world.agent(server, WIDE);
	const tess = await world.agent(server, { ...WIDE, login });
	const { ask, chat } = behind(boss.page, server);
	const session = await chat("Rosa", "It came broken");
	await tess.view("mentions");
	await tess.page.getByText("No note names you.").waitFor();
	const { items } = await ask<{ items: { id: string; name: string }[] }>("GET", "/agents", undefined);
	const mentions = items.flatMap(({ id, name }) => (name === "Tess" ? [id] : []));
	await tess.page.mouse.move(1200, 400);
	await ask("POST", `/sessions/${session}/notes`, { id: crypto.randomUUID(), body: "@Tess, look", mentions });
	await tess.row("Rosa").waitFor();
	const count = tess.page.getByRole("link", { name: "Mentions" }).locator(".view-count");
	await expect.poll(() => count.textContent()).toBe("1");
	await clear(tess.page, "mentions");
});

test("views live where no WebSocket gets through, and outlive each other", async ({ world }) => {
	const server = await world.server();
	const proxy = await world.proxy(server.url);
	proxy.upgrades = false;
	const expected = [/WebSocket connection to/];
	const boss = await world.agent(proxy, { ...WIDE, expected });
	const { page } = boss;
	const { ask, chat, tag } = behind((await world.agent(server, WIDE)).page, server);
	const make = async (name: string, filter: object) =>
		(await ask<{ id: string }>("POST", "/views", { name, filter })).id;
	const first = await make("Damaged", { tag: "damaged" });
	await make("Porto", { tag: "porto" });
	await page.reload();
	await page.getByText("Polling").waitFor();
	await expect.poll(() => names(page)).toEqual(["Damaged", "Porto"]);
	await link(page, "Porto").click();
	await page.getByText("No chat fits this view now.").waitFor();
	await page.mouse.move(1200, 400);
	await tag(await chat("Rosa", "It came broken"), "damaged", "porto");
	await boss.row("Rosa").waitFor();
	await expect.poll(() => countOf(page, "Damaged")).toBe("1");
	await ask("DELETE", `/views/${first}`, undefined);
	await expect.poll(() => names(page)).toEqual(["Porto"]);
	await tag(await chat("Bea", "So did mine"), "porto");
	await boss.row("Bea").waitFor();
	await page.getByText("Polling").waitFor();
	await expect.poll(() => countOf(page, "Porto")).toBe("2");
});

for (const [where, size] of [
	["desktop", DESKTOP],
	["narrow", NARROW],
	["phone", PHONE],
] as const) {
	for (const colorScheme of ["light", "dark"] as const) {
		test(`views, ${where}, ${colorScheme}`, { timeout: 120_000 }, async ({ world }) => {
			const server = await world.server();
			const agent = await world.agent(server, { ...size, colorScheme });
			const { page } = agent;
			const shot = async (what: string) => {
				await clear(page, what);
				const path = `views-${what}-${where}-${colorScheme}.png`;
				if (SHOTS) await page.screenshot({ path: join(SHOTS, path), animations: "disabled" });
			};
			/** On a phone they stand behind a button. */
			const open = async () => {
				if (where === "phone") await page.getByRole("button", { name: "Views" }).click();
			};
			await agent.view("mentions");
			await agent.view("all");
			await open();
			await nav(page).getByText("A view is a list of your own making").waitFor();
			await shot("none");

			const { ask, chat, tag } = behind(page, server);
			for (const [name, message] of [
				["Rosa María de la Cruz", "My raincoat came broken, and nobody answers the phone"],
				["Mallory", "You are all useless"],
			] as const) {
				await tag(await chat(name, message), "damaged");
			}
			await ask("POST", "/teams", { name: "Returns" });
			for (const [name, shared] of [
				["Damaged goods", true],
				["A view whose name is as long as it may be, so it is cut off", true],
				["No reply yet", false],
				["週末", false],
			] as const) {
				await ask("POST", "/views", { name, shared, filter: { tag: "damaged" } });
			}
			await expect.poll(() => countOf(page, "Damaged goods")).toBe("2");
			await shot("some");
			await link(page, "Damaged goods").click();
			await heading(page, "Damaged goods").waitFor();
			await agent.row("Rosa").waitFor();
			await page.getByRole("button", { name: "Actions for Damaged goods" }).click();
			await shot("open");
			await page.getByRole("menuitem", { name: "Edit view" }).click();
			await heading(page, "Damaged goods").waitFor();
			await page.getByText("2 chats fit now.").waitFor();
			await page.getByLabel("Team").waitFor();
			await shot("edit");
			await page.getByRole("group", { name: "Status" }).getByLabel("Open").check();
			await page.getByLabel("Went on since").fill("2020-01-31");
			await page.getByRole("radio", { name: "Longest waiting first" }).check();
			await shot("edit-below");
			await page.getByRole("button", { name: "Discard" }).click();
			await page.getByRole("link", { name: "Views" }).filter({ visible: true }).last().click();
			await page.getByRole("button", { name: "Move Damaged goods down" }).waitFor();
			await shot("all");

			// From a search: what it is narrowed to, without the words.
			await page.goto(`${server.url}/console`);
			await page.getByRole("textbox", { name: "Search all chats" }).fill("raincoat");
			await page.getByRole("button", { name: "Nobody’s" }).click();
			await page.getByRole("button", { name: "Going on" }).click();
			await shot("search");
			await page.getByRole("button", { name: "Save as view" }).click();
			await heading(page, "New view").waitFor();
			await page.getByText("2 chats fit now.").waitFor();
			await page.getByLabel("Name", { exact: true }).fill("In line");
			await page.getByRole("button", { name: "Save" }).click();
			await heading(page, "In line").waitFor();
			await agent.row("Rosa").waitFor();
			await page.goto(`${server.url}/console?view=0193aaaa-0000-7000-8000-000000000001`);
			await heading(page, "This view is not here.").waitFor();
			await shot("gone");
		});
	}
}

import type { Page } from "playwright-core";
import { expect } from "vitest";
import type { Agent } from "./agent.js";
import { barriers } from "./axe.js";
import { PHONE, WIDE } from "./browser.js";
import type { Customer } from "./customer.js";
import { test } from "./world.js";

const clear = async (page: Page, where: string) => expect(await barriers(page), where).toEqual([]);
const line = (customer: Customer, words: string) =>
	customer.panel.getByRole("status").getByText(words, { exact: true });

/** Opens what one is to the team, from the rail or the bar that stands for it. */
async function account(agent: Agent, name: string) {
	const opener = agent.page
		.locator(".rail-account, .bottom-bar > button:not(.bell):last-of-type")
		.filter({ visible: true });
	await opener.click();
	const dialog = agent.page.getByRole("dialog", { name });
	await dialog.waitFor();
	return dialog;
}

test("customers see their place fall as an agent takes chats", async ({ world }) => {
	const server = await world.server();
	const [first, second, third] = [
		await world.customer(`${server.url}/demo`),
		await world.customer(`${server.url}/demo`, { ...PHONE, colorScheme: "dark" }),
		await world.customer(`${server.url}/demo`),
	];
	await first.start({ message: "The first question" });
	await line(first, "You're next.").waitFor();
	await second.start({ message: "The second question" });
	await line(second, "You're number 2 in line.").waitFor();
	await third.start({ message: "The third question" });
	await line(third, "You're number 3 in line.").waitFor();
	await clear(second.page, "in line, on a phone");

	const agent = await world.agent(server);
	await agent.openChat("The first", "unassigned");
	await agent.take();
	await first.log.getByText("Admin joined the chat").waitFor();
	await first.panel.locator(".queue").waitFor({ state: "detached" });
	await line(second, "You're next.").waitFor();
	await line(third, "You're number 2 in line.").waitFor();

	// A page that is loaded again is told where it stands.
	await third.page.reload();
	await third.open();
	await line(third, "You're number 2 in line.").waitFor();
	await clear(third.page, "in line");

	await agent.openChat("The second", "unassigned");
	await agent.take();
	await line(third, "You're next.").waitFor();
});

test("what an agent chooses to be, the others see at once", async ({ world }) => {
	const server = await world.server();
	const admin = await world.agent(server, WIDE);
	const tess = await world.agent(server, {
		...PHONE,
		colorScheme: "dark",
		login: await server.addAgent("Tess"),
	});
	await admin.page.locator(".rail-account").getByText("Online", { exact: true }).waitFor();
	const board = await account(admin, "Admin");
	const row = board.getByRole("listitem").filter({ hasText: "Tess" });
	await row.getByText("Online", { exact: true }).waitFor();
	await row.getByText("0 of 5").waitFor();
	await clear(admin.page, "the team");

	const hers = await account(tess, "Tess");
	const choices = hers.getByRole("group", { name: "Your status" });
	await choices.getByRole("button", { name: "Online", pressed: true }).waitFor();
	await choices.getByRole("button", { name: "Away" }).click();
	await choices.getByRole("button", { name: "Away", pressed: true }).waitFor();
	await row.getByText("Away", { exact: true }).waitFor();
	await clear(tess.page, "the team on a phone");
	const width = await tess.page.evaluate(() => document.documentElement.scrollWidth);
	expect(width).toBeLessThanOrEqual(PHONE.viewport.width);

	// By keys alone; Escape gives the focus back.
	await board.getByRole("button", { name: "Busy" }).press("Enter");
	await board.getByRole("button", { name: "Busy", pressed: true }).waitFor();
	await hers.getByRole("listitem").filter({ hasText: "Admin" }).getByText("Busy").waitFor();
	await admin.page.keyboard.press("Escape");
	await board.waitFor({ state: "detached" });
	const opener = admin.page.locator(".rail-account");
	await opener.getByText("Busy", { exact: true }).waitFor();
	expect(await opener.evaluate((button) => button === document.activeElement)).toBe(true);
	await clear(admin.page, "the rail");
});

test("an agent is told why a chat came", async ({ world }) => {
	const server = await world.server({ flags: ["--routing", "automatic"] });
	const tess = await world.agent(server, { ...WIDE, login: await server.addAgent("Tess") });
	await tess.page.locator(".rail-account").getByText("Online", { exact: true }).waitFor();
	const customer = await world.customer(`${server.url}/demo`);
	await customer.start({ message: "A seam came undone" });
	await customer.log.getByText("Tess joined the chat").waitFor();
	await tess.openChat("A seam came undone", "mine");
	await tess.log.getByText("Chosen for you: the only one free").waitFor();
	await tess.log.getByText("1 skipped").click();
	await tess.log.getByText("Admin was offline").waitFor();
	await clear(tess.page, "why a chat came");
});

test("an agent is told what the server has set by itself, and comes back", async ({ world }) => {
	const server = await world.server({ flags: ["--away-after-seconds", "10"] });
	const { page } = await world.agent(server);
	const word = page.locator(".rail-account");
	await word.getByText("no activity").waitFor();
	await page.locator("[aria-live=polite]").getByText("You are shown as away: no activity").waitFor();
	await word.click();
	const account = page.getByRole("dialog", { name: "Admin" });
	await account.getByText("You are shown as Away: no activity.").waitFor();
	await clear(page, "set by the server");
	await account.getByRole("button", { name: "Online" }).click();
	await word.getByText("no activity").waitFor({ state: "detached" });
});

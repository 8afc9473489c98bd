import type { Page } from "playwright-core";
import { expect } from "vitest";
import { barriers } from "./axe.js";
import { DESKTOP, PHONE, WIDE } from "./browser.js";
import { test } from "./world.js";

/** Refusals that the page is told of, and says. */
const REFUSED = [/409 \(Conflict\)/];
const clear = async (page: Page, where: string) => expect(await barriers(page), where).toEqual([]);
const dialog = (page: Page, name: string | RegExp) => page.getByRole("dialog", { name });

test("what was said is changed and taken away on both sides", async ({ world }) => {
	const server = await world.server();
	const customer = await world.customer(`${server.url}/demo`);
	await customer.start({ message: "Is it blue?" });
	const agent = await world.agent(server, WIDE);
	await agent.openChat("Phương Anh", "unassigned");
	await agent.send("It is gren");
	await customer.bubble("It is gren").waitFor();
	const { page } = agent;

	// By the key, with the draft of something else kept out of the way.
	await agent.field.press("ArrowUp");
	const field = page.getByRole("textbox", { name: "Change what was said" });
	await expect.poll(() => field.inputValue()).toBe("It is gren");
	await clear(page, "editing");
	await field.fill("It is green");
	await field.press("Enter");
	for (const side of [customer, agent]) {
		await side.log.getByText("It is green (edited)").waitFor();
		expect(await side.log.textContent()).not.toContain("gren");
	}

	// Its history, for who may know; then away with it, after a question.
	await agent.bubble("It is green (edited)").hover();
	const actions = page.getByRole("button", { name: "Actions for this message" });
	await actions.last().click();
	await page.getByRole("menuitem", { name: "What it said before" }).click();
	await dialog(page, "What it said before").getByText("It is gren").waitFor();
	await clear(page, "history");
	await page.keyboard.press("Escape");
	await actions.last().click();
	await page.getByRole("menuitem", { name: "Delete" }).click();
	await dialog(page, "Delete this message?").getByRole("button", { name: "Delete" }).click();
	for (const side of [customer, agent]) {
		await side.log.getByText("Message deleted").waitFor();
		expect(await side.log.textContent()).not.toContain("green");
	}
	await clear(page, "deleted");

	// The customer, too: the key, and the button.
	await customer.send("I ment teal");
	await agent.bubble("I ment teal").waitFor();
	await customer.field.press("ArrowUp");
	await expect.poll(() => customer.field.inputValue()).toBe("I ment teal");
	await clear(customer.page, "widget editing");
	await customer.field.fill("I meant teal");
	await customer.field.press("Enter");
	await agent.log.getByText("I meant teal (edited)").waitFor();
	await customer.log.getByText("I meant teal (edited)").hover();
	await customer.log.getByRole("button", { name: "Edit or delete this message" }).last().click();
	await clear(customer.page, "widget actions");
	await customer.log.getByRole("button", { name: "Delete", exact: true }).click();
	await customer.log.getByText("Delete this message?").waitFor();
	await customer.log.getByRole("button", { name: "Delete", exact: true }).click();
	await expect.poll(() => agent.log.getByText("Message deleted").count()).toBe(2);

	// Who comes back finds it as it is now.
	await customer.page.reload();
	await customer.open();
	await expect.poll(() => customer.log.getByText("Message deleted").count()).toBe(2);
	expect(await customer.log.textContent()).not.toMatch(/green|teal/);
});

test("a colleague who is named in a note is told, and finds the chat", async ({ world }) => {
	const server = await world.server();
	const customer = await world.customer(`${server.url}/demo`);
	await customer.start({ message: "Is it blue?" });
	const agent = await world.agent(server, WIDE);
	const tess = await world.agent(server, { ...DESKTOP, login: await server.addAgent("Tess") });
	await tess.page.getByText("No chat is yours yet.").waitFor();
	await agent.openChat("Phương Anh", "unassigned");
	const { page } = agent;

	await agent.field.fill("Dear customer");
	await page.getByRole("button", { name: "Note", exact: true }).click();
	const field = page.getByRole("textbox", { name: "Write a note" });
	expect(await field.inputValue()).toBe("");
	await field.pressSequentially("Do you know, @te");
	const names = page.getByRole("listbox", { name: "Colleagues" });
	await names.getByRole("option", { name: "Tess" }).waitFor();
	await clear(page, "naming");
	await field.press("Enter");
	expect(await field.inputValue()).toBe("Do you know, @Tess ");
	await field.pressSequentially("which blue?");
	await field.press("Enter");
	await page.locator(".note").getByText("@Tess").waitFor();
	expect(await page.locator(".note mark").textContent()).toBe("@Tess");
	await clear(page, "note");
	await page.getByRole("button", { name: "Note", exact: true }).click();
	expect(await agent.field.inputValue()).toBe("Dear customer");

	// Told at once, and still there after a reload.
	await tess.page
		.getByText(/^Admin named you: Phương Anh, #1$/)
		.first()
		.waitFor();
	await tess.page.reload();
	const bell = tess.page.getByRole("button", { name: /^Notifications.*1 new$/ }).filter({ visible: true });
	await bell.click();
	const told = dialog(tess.page, "Notifications");
	await told.getByText("Do you know, @Tess which blue?").waitFor();
	await clear(tess.page, "notifications");
	await told.getByRole("button", { name: /Admin named you/ }).click();
	await tess.page.locator(".note").getByText("@Tess").waitFor();
	await tess.page
		.getByRole("button", { name: "Notifications", exact: true })
		.filter({ visible: true })
		.waitFor();
	expect(await customer.log.textContent()).not.toContain("Tess");
});

test("two agents see each other, and do not answer at once", async ({ world }) => {
	const server = await world.server();
	const customer = await world.customer(`${server.url}/demo`);
	await customer.start({ message: "Is it blue?" });
	const admin = await world.agent(server, WIDE);
	const tess = await world.agent(server, { ...WIDE, login: await server.addAgent("Tess", "supervisor") });
	await admin.openChat("Phương Anh", "unassigned");
	await tess.openChat("Phương Anh", "unassigned");
	await admin.head.getByText("Tess is here too").waitFor({ state: "attached" });
	await tess.head.getByText("Admin is here too").waitFor({ state: "attached" });
	await clear(admin.page, "a colleague is here");

	await tess.field.fill("It is gre");
	await admin.send("It is blue");
	await tess.above.getByText("Admin answered while you wrote.").waitFor();
	await tess.field.press("Enter");
	const question = dialog(tess.page, "Admin answered while you wrote");
	await question.waitFor();
	await clear(tess.page, "answered meanwhile");
	await question.getByRole("button", { name: "Keep editing" }).click();
	expect(await tess.field.inputValue()).toBe("It is gre");
	expect(await customer.said()).toEqual(["Is it blue?", "It is blue"]);
	await tess.send("As Admin says");
	await customer.bubble("As Admin says").waitFor();

	// Asked by the server, where the page could not know.
	await tess.field.fill("Also");
	await tess.page.context().setOffline(true);
	await tess.field.press("Enter");
	await admin.send("And in stock");
	await customer.bubble("And in stock").waitFor();
	await tess.page.context().setOffline(false);
	await tess.log.getByText("Not sent: Admin answered meanwhile.").waitFor();
	expect(await customer.said()).not.toContain("Also");
	await tess.log.getByRole("button", { name: "Send anyway" }).click();
	await customer.bubble("Also").waitFor();
});

test("a supervisor looks on unseen, and joins", async ({ world }) => {
	const server = await world.server({ flags: ["--presence-grace-seconds", "1"] });
	const customer = await world.customer(`${server.url}/demo`);
	await customer.start({ message: "Is it blue?" });
	const tess = await world.agent(server, { ...WIDE, login: await server.addAgent("Tess") });
	await tess.openChat("Phương Anh", "unassigned");
	await tess.take();
	const admin = await world.agent(server, WIDE);
	await admin.page.locator(".rail-account").click();
	await admin.page.getByRole("checkbox", { name: /Look on unseen/ }).check();
	await clear(admin.page, "look on unseen");
	await admin.page.keyboard.press("Escape");
	await admin.openChat("Phương Anh");
	await admin.page.getByText("You look on unseen.").waitFor();
	await clear(admin.page, "unseen");
	await admin.field.pressSequentially("Hm");
	await tess.send("It is blue");
	await admin.bubble("It is blue").waitFor();
	expect(await tess.head.getByText(/is here too/).count()).toBe(0);
	expect(await tess.above.textContent()).toBe("");

	await admin.page.getByRole("button", { name: "Join", exact: true }).click();
	await tess.head.getByText("Admin is here too").waitFor({ state: "attached" });
	await tess.log.getByText("Admin joined").waitFor();
	await admin.page.getByText("You look on unseen.").waitFor({ state: "detached" });
	expect(await customer.log.textContent()).not.toContain("Admin");
});

test("a chat is rated once, and the rating changed", async ({ world }) => {
	const server = await world.server();
	const customer = await world.customer(`${server.url}/demo`, PHONE);
	await customer.start({ message: "Is it blue?" });
	const agent = await world.agent(server, { ...WIDE, expected: REFUSED });
	await agent.openChat("Phương Anh", "unassigned");
	await agent.take();
	await agent.send("It is blue");
	await customer.bubble("It is blue").waitFor();
	expect(await customer.panel.getByText("How was this chat?").count()).toBe(0);
	await agent.head.getByRole("button", { name: "Resolve" }).click();

	const scores = customer.panel.getByRole("group", { name: "How was this chat?" });
	await scores.waitFor();
	await scores.getByRole("radio", { name: "2 of 5" }).check();
	await customer.panel.getByRole("textbox", { name: /Anything to add/ }).fill("A little slow");
	await clear(customer.page, "rating");
	await customer.panel.getByRole("button", { name: "Send rating" }).click();
	await customer.panel.getByText("Thank you! You gave 2 of 5.").waitFor();
	await clear(customer.page, "thanks");
	await agent.log.getByText("Rated 2 of 5: “A little slow”").waitFor();
	const side = agent.page.getByRole("complementary", { name: "About this chat" });
	await side.getByText("2 of 5").waitFor();
	await side.getByText("A little slow").waitFor();
	await clear(agent.page, "rated");

	// After the end, and after a reload, still to be changed.
	await agent.page.keyboard.press("Escape");
	await agent.head.getByRole("button", { name: "Close" }).click();
	await dialog(agent.page, "Close this chat?").getByRole("button", { name: "Close chat" }).click();
	await customer.page.reload();
	await customer.open();
	await customer.panel.getByRole("button", { name: "Change" }).click();
	await scores.getByRole("radio", { name: "5 of 5" }).check();
	await customer.panel.getByRole("button", { name: "Send rating" }).click();
	await customer.panel.getByText("Thank you! You gave 5 of 5.").waitFor();
	await side.getByText("5 of 5").waitFor();
	expect((await agent.summary()).rating).toMatchObject({ score: 5, comment: "A little slow" });
});

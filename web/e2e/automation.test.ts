/** Rules that a supervisor makes act on what customers write, and macros do several things in one. */
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { barriers } from "./axe.js";
import { DESKTOP, PHONE } from "./browser.js";
import { test } from "./world.js";

/** What the server refuses, the form tells beside its field. */
const REFUSED = [/4(09|22) \((Conflict|Unprocessable Entity)\)/];

const clear = async (page: Page, where: string) => {
	expect(await barriers(page), where).toEqual([]);
	const width = page.viewportSize()?.width ?? 0;
	const { scrolled, pane } = await page.evaluate(() => ({
		scrolled: document.documentElement.scrollWidth,
		pane: [...document.querySelectorAll(".settings-pane, dialog")].some(
			(one) => one.scrollWidth > one.clientWidth,
		),
	}));
	expect(scrolled, `${where}: sideways`).toBeLessThanOrEqual(width);
	expect(pane, `${where}: sideways`).toBe(false);
};
const toast = (page: Page, text: string | RegExp) => page.locator(".toast").getByText(text);
const dialog = (page: Page, name: string | RegExp) => page.getByRole("dialog", { name });

test("a rule tags and assigns what a customer writes", async ({ world }) => {
	const server = await world.server();
	await server.addAgent("Bo");
	const lead = await server.addAgent("Lena", "supervisor");
	const lena = await world.agent(server, {
		...DESKTOP,
		login: lead,
		path: "/console/settings/rules",
		expected: REFUSED,
	});
	const { page } = lena;
	await page.getByText("There is no rule yet").waitFor();
	await clear(page, "no rule");

	// What is missing is said beside its field.
	await page.getByRole("link", { name: "New rule" }).click();
	await page.getByLabel("Name", { exact: true }).fill("Broken things");
	await page.getByRole("button", { name: "Add condition" }).first().click();
	await page.getByRole("button", { name: "Add action" }).click();
	await page.getByRole("button", { name: "Add action" }).click();
	await page.getByLabel("Action 2", { exact: true }).selectOption("Assign to agent");
	await page.getByRole("button", { name: "Save" }).click();
	await page.getByText("The agent is still to be chosen.").waitFor();
	await page.getByLabel("Action 2: agent").selectOption("Bo");
	await page.getByRole("button", { name: "Save" }).click();
	await page.locator("#rule-on-error").waitFor();
	await page.getByText("The value is missing.").waitFor();
	await page.getByText("A tag or remove must hold a tag.").waitFor();
	await clear(page, "a rule refused");

	// What is not saved is not lost by going elsewhere.
	await page.getByRole("link", { name: "Macros" }).click();
	const leaving = dialog(page, "Leave without saving?");
	await leaving.getByRole("button", { name: "Stay here" }).click();
	await page.getByRole("checkbox", { name: "A chat begins" }).check();
	await page.getByRole("checkbox", { name: "The customer writes" }).check();
	const words = page.getByRole("textbox", { name: "Message: values" });
	// Key by key: the fault that is left below must not take the focus.
	await words.pressSequentially("broken");
	await words.press("Enter");
	await words.fill("kaputt");
	await page.getByLabel("Action 1: tags to add").fill("Damage, porto");
	await page.getByRole("button", { name: "Move action 2 up" }).click();
	await expect
		.poll(() => page.evaluate(() => document.activeElement?.getAttribute("aria-label")))
		.toBe("Move action 1 up");
	await clear(page, "a rule");
	await page.getByRole("button", { name: "Save" }).click();
	const when = "When a chat begins or the customer writes, and the message contains “broken” or “kaputt”:";
	await page.getByText(when).waitFor();
	await page.getByText("assign to Bo, tag damage and porto").waitFor();
	expect(new URL(page.url()).pathname).toBe("/console/settings/rules");

	const customer = await world.customer(`${server.url}/demo`);
	await customer.start({ message: "The zip came broken" });
	await page.goto(`${server.url}/console`);
	await lena.openChat("Phương Anh");
	await lena.log.getByText("By the rule “Broken things”").waitFor();
	await lena.head.getByText("Bo", { exact: false }).waitFor();
	const summary = await lena.summary();
	expect(summary.tags).toEqual(["damage", "porto"]);
	expect(summary.assignee?.name).toBe("Bo");
	expect(await customer.log.textContent()).not.toContain("rule");

	// Tried on the chat that was last open: nothing is changed any more.
	await page.getByRole("link", { name: "Settings" }).filter({ visible: true }).click();
	await page.getByRole("link", { name: "Rules", exact: true }).click();
	await page.getByRole("link", { name: /Broken things/ }).click();
	expect(await page.getByLabel("Number of the chat").inputValue()).toBe(String(summary.number));
	await page.getByRole("button", { name: "Try it" }).click();
	await page.getByText("It fits, but there would be nothing to change").waitFor();
	await page.getByRole("button", { name: "Add action" }).click();
	await page.getByLabel("Action 3", { exact: true }).selectOption("Write to customer");
	await page.getByLabel("Action 3: message").fill("Sorry to hear that!");
	await page.getByRole("button", { name: "Try it" }).click();
	await page.getByText("It would act").waitFor();
	await clear(page, "a rule tried");
	await page.getByLabel("Number of the chat").fill("4711");
	await page.getByRole("button", { name: "Try it" }).click();
	await page.getByText("There is no chat #4711 for you.").waitFor();
	await page.getByRole("button", { name: "Save" }).click();
	await toast(page, "Saved").waitFor();
	await customer.send("Still broken");
	await customer.log.getByText("Sorry to hear that!").waitFor();

	// A second one, made of the first; then both change places, and the first is put out of force.
	await page.locator(".crumb").getByRole("link", { name: "Rules" }).click();
	await page.getByRole("button", { name: "Actions for Broken things" }).click();
	await page.getByRole("menuitem", { name: "Duplicate" }).click();
	expect(await page.getByLabel("Name", { exact: true }).inputValue()).toBe("Broken things (copy)");
	await page.getByLabel("Name", { exact: true }).fill("Torn things");
	await page.getByRole("button", { name: "Save" }).click();
	const rows = page.locator(".rule-row strong");
	await expect.poll(() => rows.allTextContents()).toEqual(["Broken things", "Torn things"]);
	await page.getByRole("switch", { name: "Torn things" }).focus();
	await page.keyboard.press("Alt+ArrowUp");
	await expect.poll(() => rows.allTextContents()).toEqual(["Torn things", "Broken things"]);
	await toast(page, "Torn things is number 1 now").waitFor();
	await expect
		.poll(() => page.evaluate(() => document.activeElement?.getAttribute("aria-label")))
		.toBe("Torn things");
	await page.keyboard.press("Space");
	await expect
		.poll(() => page.getByRole("switch", { name: "Torn things" }).getAttribute("aria-checked"))
		.toBe("false");
	await clear(page, "rules");
	await page.reload();
	await expect.poll(() => rows.allTextContents()).toEqual(["Torn things", "Broken things"]);
	expect(await page.getByRole("switch", { name: "Torn things" }).getAttribute("aria-checked")).toBe("false");
	await page.getByRole("button", { name: "Actions for Torn things" }).click();
	await page.getByRole("menuitem", { name: "Delete" }).click();
	await dialog(page, "Delete the rule Torn things?").getByRole("button", { name: "Delete rule" }).click();
	await expect.poll(() => rows.allTextContents()).toEqual(["Broken things"]);
});

test("what the server does not take is shown as it was", async ({ world }) => {
	const server = await world.server();
	const boss = await world.agent(server, {
		...PHONE,
		colorScheme: "dark",
		path: "/console/settings/rules",
		expected: [/503 \(Service Unavailable\)/],
	});
	const { page } = boss;
	await page.getByRole("link", { name: /Angry words/ }).click();
	await page.getByRole("button", { name: "Save" }).click();
	const on = page.getByRole("switch", { name: "Angry words" });
	await on.waitFor();
	await page.route("**/api/v1/rules/*", (route) =>
		route.request().method() === "PATCH"
			? route.fulfill({
					status: 503,
					contentType: "application/problem+json",
					body: JSON.stringify({ code: "overloaded", detail: "Too much to do.", errors: [] }),
				})
			: route.continue(),
	);
	await on.click();
	await toast(page, "Nothing was changed. Too much to do.").waitFor();
	expect(await on.getAttribute("aria-checked")).toBe("true");
	await clear(page, "rules on a phone");
	await page.getByRole("link", { name: /Angry words/ }).click();
	await page.getByRole("button", { name: "Add condition" }).last().click();
	await page.getByLabel("What is looked at").last().selectOption("Status");
	await page.getByLabel("Action 1", { exact: true }).selectOption("Ask for skills");
	await page.getByRole("button", { name: "Add action" }).click();
	await clear(page, "a rule on a phone");
});

test("a macro is run by keyboard, and on a phone", async ({ world }) => {
	const server = await world.server();
	const login = await server.addAgent("Tess");
	const expected = [...REFUSED, /503 \(Service Unavailable\)/];
	const tess = await world.agent(server, { ...DESKTOP, login, expected });
	const { page } = tess;
	const customer = await world.customer(`${server.url}/demo`);
	await customer.start({ message: "Thank you, that is all" });

	// None is there yet: the way to the first is one key away.
	await tess.openChat("Phương Anh");
	await tess.bubble("Thank you, that is all").waitFor();
	await page.keyboard.press("Escape");
	await page.keyboard.press("p");
	const run = dialog(page, "Run a macro");
	await run.getByText("There is no macro yet").waitFor();
	await clear(page, "no macro");
	await run.getByRole("button", { name: "Make a macro" }).click();
	await page.getByRole("heading", { level: 1, name: "New macro" }).waitFor();
	await page.getByLabel("Name", { exact: true }).fill("Say goodbye");
	for (const [at, type] of ["Assign to whoever runs it", "Write to customer", "Set the status"].entries()) {
		await page.getByRole("button", { name: "Add action" }).click();
		await page.getByLabel(`Action ${at + 1}`, { exact: true }).selectOption(type);
	}
	await page.getByRole("button", { name: "Save" }).click();
	await page.getByText("The text must not be empty.").waitFor();
	await page.getByLabel("Action 2: message").fill("Gladly. Come again!");
	await clear(page, "a macro");
	await page.getByRole("button", { name: "Save" }).click();
	await page.getByText("Assign to whoever runs it, write “Gladly. Come again!”, resolve").waitFor();
	await page.getByText("There is none yet. Supervisors make them.").waitFor();
	await clear(page, "macros");

	await page.goto(`${server.url}/console`);
	await tess.openChat("Phương Anh");
	await tess.bubble("Thank you, that is all").waitFor();
	await page.keyboard.press("Escape");
	await page.keyboard.press("p");
	await run.getByRole("option", { name: /Say goodbye/ }).waitFor();
	await page.keyboard.type("nothing like it");
	await run.getByText("No macro found for").waitFor();
	await run.getByRole("combobox").fill("good");
	await run.getByRole("option", { name: /Say goodbye/ }).waitFor();
	await run.getByText("Gladly. Come again!", { exact: true }).waitFor();
	await clear(page, "run a macro");
	// The answer is lost on its way, and comes with the next try: what it does is done once.
	let lost = 0;
	await page.route("**/macros/*", async (route) => {
		if (route.request().method() !== "POST" || lost > 0) return await route.continue();
		lost += 1;
		await route.fetch();
		await route.fulfill({ status: 503, body: "gone" });
	});
	await page.keyboard.press("Enter");
	await toast(page, "Done: Say goodbye").waitFor();
	await run.waitFor({ state: "detached" });
	await customer.bubble("Gladly. Come again!").waitFor();
	await tess.head.getByText("Resolved").waitFor();
	await tess.log.getByText("Macro “Say goodbye” run by you").waitFor();
	expect(await tess.storedMessages()).toEqual(["Thank you, that is all", "Gladly. Come again!"]);

	// Blanks are asked for, each once, and seen in what will be said.
	await page.goto(`${server.url}/console/settings/macros/new`);
	await page.getByLabel("Name", { exact: true }).fill("Refund");
	await page.getByRole("button", { name: "Add action" }).click();
	await page.getByLabel("Action 1", { exact: true }).selectOption("Write to customer");
	await page.getByLabel("Action 1: message").fill("{{? sum}} for {{? order number}}, yes, {{? sum}}.");
	await page.getByRole("button", { name: "Save" }).click();
	await page.getByRole("link", { name: /Refund/ }).waitFor();
	await page.goto(`${server.url}/console`);
	await tess.openChat("Phương Anh");
	await tess.bubble("Gladly. Come again!").waitFor();
	await page.keyboard.press("Escape");
	await page.keyboard.press("p");
	await page.keyboard.type("refund");
	await run.getByRole("option", { name: /Refund/ }).waitFor();
	await run.getByRole("option").nth(1).waitFor({ state: "detached" });
	await page.keyboard.press("Enter");
	await run.getByText("Fill this in first.").first().waitFor();
	await page.keyboard.type("£5");
	await clear(page, "a macro with blanks");
	await page.keyboard.press("Enter");
	await run.getByRole("textbox", { name: "Order number" }).fill("A-7");
	await run.getByText("£5 for A-7, yes, £5.", { exact: true }).waitFor();
	await page.keyboard.press("Enter");
	await toast(page, "Done: Refund").waitFor();
	await customer.bubble("£5 for A-7, yes, £5.").waitFor();

	// A shared one on a phone; with nothing to change it says so, and with a rule against it why not.
	const lead = await server.addAgent("Lena", "supervisor");
	const lena = await world.agent(server, {
		...PHONE,
		colorScheme: "dark",
		login: lead,
		path: "/console/settings/macros/new",
		expected: REFUSED,
	});
	await lena.page.getByLabel("Name", { exact: true }).fill("Urgent");
	await lena.page.getByRole("radio", { name: "Everybody" }).check();
	await lena.page.getByRole("button", { name: "Add action" }).click();
	await lena.page.getByLabel("Action 1", { exact: true }).selectOption("Set the priority");
	await lena.page.getByLabel("Action 1: priority").selectOption("Urgent");
	await clear(lena.page, "a macro on a phone");
	await lena.page.getByRole("button", { name: "Save" }).click();
	await lena.page.getByText("Set priority to urgent").waitFor();
	await clear(lena.page, "macros on a phone");
	await lena.page.goto(`${server.url}/console?view=all`);
	await lena.row("Phương Anh").click();
	for (const said of ["Done: Urgent", "Urgent: there was nothing to change"]) {
		await lena.page.getByRole("button", { name: "More actions" }).click();
		await lena.page.getByRole("menuitem", { name: "Run a macro" }).click();
		const here = dialog(lena.page, "Run a macro");
		await here.getByRole("option", { name: /Urgent/ }).waitFor();
		await clear(lena.page, "run a macro on a phone");
		await here.getByRole("option", { name: /Urgent/ }).click();
		await here.getByRole("button", { name: "Run it" }).click();
		await toast(lena.page, said).waitFor();
	}
	await page.getByRole("button", { name: "Close", exact: true }).click();
	await dialog(page, "Close this chat?").getByRole("button", { name: "Close chat" }).click();
	await tess.head.getByText("Closed").waitFor();
	await page.keyboard.press("Escape");
	await page.keyboard.press("p");
	await run.getByRole("option", { name: /Say goodbye/ }).click();
	await run.getByRole("heading", { name: "It cannot run here" }).waitFor();
	await run.getByRole("button", { name: "Run it" }).click();
	await run.getByText("Nothing was done.").waitFor();
	await clear(page, "a macro refused");
});

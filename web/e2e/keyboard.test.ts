import type { Page } from "playwright-core";
import { expect } from "vitest";
import { test } from "./world.js";

/** What has the focus, by the name that it is known by. */
const focused = (page: Page): Promise<string> =>
	page.evaluate(() => {
		let element = document.activeElement;
		while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
		if (element === null || element === document.body) return "nothing";
		const root = element.getRootNode() as Document | ShadowRoot;
		const label = element.id && root.querySelector(`label[for="${element.id}"]`)?.textContent;
		return (element.getAttribute("aria-label") || label || element.textContent || element.tagName).trim();
	});

async function tabTo(page: Page, name: string | RegExp): Promise<void> {
	const passed: string[] = [];
	for (let i = 0; i < 20; i++) {
		const here = await focused(page);
		if (typeof name === "string" ? here === name : name.test(here)) return;
		passed.push(here);
		await page.keyboard.press("Tab");
	}
	throw new Error(`never came to ${name}: ${passed.join(" | ")}`);
}

test("a customer without a mouse", async ({ world }) => {
	const server = await world.server();
	const customer = await world.customer(`${server.url}/demo`);
	const { page } = customer;
	await customer.launcher.waitFor();

	await tabTo(page, "Open chat");
	await page.keyboard.press("Enter");
	await customer.panel.waitFor();
	await expect.poll(() => focused(page)).toBe("Your name");
	await page.keyboard.type("Ada");
	await tabTo(page, "Country code");
	await tabTo(page, "Phone");
	await page.keyboard.type("+44 20 7946 0958");
	await tabTo(page, "Message");
	await page.keyboard.type("No mouse here");
	await tabTo(page, "Start chat");
	await page.keyboard.press("Space");
	await expect.poll(() => focused(page)).toBe("Write a message");

	await page.keyboard.type("First line");
	await page.keyboard.press("Shift+Enter");
	await page.keyboard.type("second line");
	await page.keyboard.press("Enter");
	await customer.bubble("First line\nsecond line").waitFor();
	expect(await focused(page)).toBe("Write a message");

	await page.keyboard.press("Escape");
	await customer.panel.waitFor({ state: "hidden" });
	expect(await focused(page)).toBe("Open chat");
	await page.keyboard.press("Enter");
	await expect.poll(() => focused(page)).toBe("Write a message");
	// The thread is before the field, and in it what can be done with one's own; the panel is left again behind it.
	await page.keyboard.press("Shift+Tab");
	expect(await focused(page)).toBe("Attach files");
	for (const _ of ["No mouse here", "First line"]) {
		await page.keyboard.press("Shift+Tab");
		expect(await focused(page)).toBe("Edit or delete this message");
	}
	await page.keyboard.press("Shift+Tab");
	expect(await focused(page)).toBe("Messages");
	await tabTo(page, "Close chat");
});

test("an agent without a mouse", async ({ world }) => {
	const server = await world.server();
	for (const [i, name] of ["Ada", "Béla", "Chidi"].entries()) {
		const customer = await world.customer(`${server.url}/demo`);
		await customer.start({ name, phone: `+44 20 7946 000${i}`, message: `I am ${name}` });
	}
	const agent = await world.agent(server, { path: "/console?view=unassigned" });
	const { page } = agent;
	await agent.row("Chidi").waitFor();
	const names = await agent.list.locator(".row-name").allTextContents();
	expect(names).toEqual(["Ada", "Béla", "Chidi"]);
	const onRow = () => page.evaluate(() => document.activeElement?.querySelector(".row-name")?.textContent);

	const pane = () =>
		page.evaluate(() => {
			const here = document.activeElement?.closest<HTMLElement>("[data-pane], [data-pane-area]");
			return here?.dataset.pane ?? here?.dataset.paneArea ?? "none";
		});

	await page.keyboard.press("j");
	expect(await onRow()).toBe("Ada");
	await page.keyboard.press("j");
	expect(await onRow()).toBe("Béla");
	await page.keyboard.press("ArrowDown");
	expect(await onRow()).toBe("Chidi");
	await page.keyboard.press("k");
	expect(await onRow()).toBe("Béla");

	await page.keyboard.press("Enter");
	await agent.bubble("I am Béla").waitFor();
	await expect.poll(() => focused(page)).toBe("Write a reply");
	// In a field letters are letters.
	await page.keyboard.type("trek?");
	expect(await agent.field.inputValue()).toBe("trek?");
	await page.keyboard.press("Enter");
	await agent.bubble("trek?").waitFor();

	// Back at the row; take it, answer it, resolve it.
	await page.keyboard.press("Escape");
	await expect.poll(onRow).toBe("Béla");
	await page.keyboard.press("t");
	await agent.head.getByText("Yours").waitFor();
	await page.keyboard.press("r");
	await expect.poll(() => focused(page)).toBe("Write a reply");
	// The chat has left this list, and its row with it.
	await page.keyboard.press("Escape");
	await expect.poll(pane).toBe("list");
	await page.keyboard.press("e");
	await agent.head.getByText("Resolved").waitFor();
	await page.keyboard.press("Alt+t");
	expect(await focused(page)).toBe("Undo");
	await page.keyboard.press("Enter");
	await agent.head.getByText("In progress").waitFor();

	// From pane to pane, and round again.
	await page.keyboard.press("r");
	await expect.poll(pane).toBe("composer");
	const round: string[] = [];
	for (let i = 0; i < 5; i++) {
		await page.keyboard.press("F6");
		round.push(await pane());
	}
	expect(round).toEqual(["side", "rail", "list", "thread", "composer"]);
	await page.keyboard.press("Shift+F6");
	expect(await pane()).toBe("thread");

	await page.keyboard.press("?");
	const keys = page.getByRole("dialog", { name: "Keys" });
	await keys.waitFor();
	// Under a dialog the page's own keys are at rest.
	await page.keyboard.press("e");
	expect((await agent.summary()).status).toBe("in_progress");
	await page.keyboard.press("Escape");
	await keys.waitFor({ state: "detached" });
	await expect.poll(pane).toBe("thread");
});

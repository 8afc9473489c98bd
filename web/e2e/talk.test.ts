import { expect } from "vitest";
import { DESKTOP, PHONE, WIDE } from "./browser.js";
import { Customer } from "./customer.js";
import { test } from "./world.js";

for (const [size, theirs, ours] of [
	["both at a desk", WIDE, DESKTOP],
	["both on phones", PHONE, PHONE],
] as const) {
	test(`a customer and an agent talk (${size})`, async ({ world }) => {
		const server = await world.server();
		const customer = await world.customer(`${server.url}/demo`, theirs);
		const agent = await world.agent(server, ours);

		await customer.start({ name: "Phương Anh", message: "Does the Skerry run large?" });
		await customer.bubble("Does the Skerry run large?").waitFor();
		await agent.openChat("Phương Anh", "unassigned");
		await agent.bubble("Does the Skerry run large?").waitFor();
		await customer.mark("Read").waitFor();

		// Typing shows on the other side, and goes with the message.
		await agent.field.pressSequentially("It ");
		await customer.typing.waitFor({ state: "attached" });
		await agent.send("It does, a little.");
		await customer.bubble("It does, a little.").waitFor();
		await customer.typing.waitFor({ state: "detached" });
		await agent.mark(/^Read/).waitFor();

		await customer.field.pressSequentially("Th");
		await agent.above.getByText("Phương Anh is writing").waitFor();
		await customer.send("Then I take M.");
		await agent.bubble("Then I take M.").waitFor();
		await agent.above.getByText("is writing").waitFor({ state: "detached" });
		await customer.mark("Read").waitFor();

		// Closed, the launcher counts what comes; the agent sees that it was not read.
		await customer.close();
		await agent.send("A good choice.");
		await agent.send("It ships today.");
		await customer.widget.getByRole("button", { name: "Open chat, 2 unread messages" }).waitFor();
		expect(await customer.launcher.locator(".launcher-badge").textContent()).toBe("2");
		await agent.mark("Delivered").waitFor();
		await customer.open();
		await customer.log.getByText("2 new").waitFor();
		await agent.mark(/^Read/).waitFor();

		const said = [
			"Does the Skerry run large?",
			"It does, a little.",
			"Then I take M.",
			"A good choice.",
			"It ships today.",
		];
		expect(await agent.storedMessages()).toEqual(said);

		// A reload on either side loses nothing and doubles nothing.
		await customer.page.reload();
		await customer.open();
		await customer.bubble("It ships today.").waitFor();
		expect(await customer.said()).toEqual(said);
		expect(await customer.launcher.locator(".launcher-badge").isHidden()).toBe(true);
		await agent.page.reload();
		await agent.bubble("It ships today.").waitFor();
		expect(await agent.said()).toEqual(said);
		await agent.mark(/^Read/).waitFor();
	});
}

test("two tabs of one customer show one chat", async ({ world }) => {
	const server = await world.server();
	const first = await world.customer(`${server.url}/demo`);
	const agent = await world.agent(server);
	const page = await first.page.context().newPage();
	await page.goto(`${server.url}/demo`);
	const second = new Customer(page);

	await first.start({ message: "From the first tab" });
	await agent.openChat("Phương Anh");
	// The other tab has learnt of the chat, which was begun after it was opened.
	await first.close();
	await agent.send("Hello to both");
	const news = "Open chat, 1 unread message";
	for (const tab of [first, second]) {
		await tab.widget.getByRole("button", { name: news }).waitFor();
		await tab.widget.getByRole("button", { name: "Hello to both" }).waitFor();
	}
	// What is read in one tab is read in the other.
	await second.open();
	await second.bubble("Hello to both").waitFor();
	await first.widget.getByRole("button", { name: "Open chat", exact: true }).waitFor();
	await first.widget.getByRole("button", { name: "Hello to both" }).waitFor({ state: "detached" });

	await first.open();
	await second.send("From the second tab");
	await first.bubble("From the second tab").waitFor();
	await first.send("From the first tab again");
	await second.bubble("From the first tab again").waitFor();

	const said = ["From the first tab", "Hello to both", "From the second tab", "From the first tab again"];
	for (const tab of [first, second]) await expect.poll(() => tab.said()).toEqual(said);
	await agent.bubble("From the first tab again").waitFor();
	expect(await agent.said()).toEqual(said);
	expect(await agent.storedMessages()).toEqual(said);
});

test("the form says what is wrong, at the field, and keeps what was typed", async ({ world }) => {
	const server = await world.server();
	const customer = await world.customer(`${server.url}/demo`);
	const { panel } = customer;
	const start = panel.getByRole("button", { name: "Start chat" });
	const name = panel.getByLabel("Your name");
	const phone = panel.getByRole("textbox", { name: "Phone" });
	/** The sentence that a screen reader reads with the field. */
	const description = (field: typeof name) =>
		field.evaluate((input) => {
			const id = input.getAttribute("aria-describedby") ?? "";
			const root = input.getRootNode();
			return root instanceof ShadowRoot ? root.getElementById(id)?.textContent : null;
		});
	const hasFocus = (field: typeof name) =>
		field.evaluate((input) => {
			const root = input.getRootNode();
			return root instanceof ShadowRoot && root.activeElement === input;
		});

	await customer.open();
	expect(await hasFocus(name)).toBe(true);
	await start.click();
	await panel.getByText("Please write your name.").waitFor();
	expect(await description(name)).toBe("Please write your name.");
	expect(await description(phone)).toBe("Please write your phone number.");
	expect(await name.getAttribute("aria-invalid")).toBe("true");
	expect(await hasFocus(name)).toBe(true);

	await name.fill("Ada");
	await phone.fill("12");
	await start.click();
	await panel.getByText("This number looks too short.").waitFor();
	expect(await description(name)).toBeUndefined();
	expect(await description(phone)).toBe("This number looks too short.");
	expect(await hasFocus(phone)).toBe(true);
	expect(await name.inputValue()).toBe("Ada");

	await phone.fill("call me");
	await phone.blur();
	await panel.getByText("A phone number has digits only.").waitFor();

	await phone.fill("020 7946 0958");
	await start.click();
	await customer.field.waitFor();
	const agent = await world.agent(server);
	await agent.openChat("Ada");
	expect((await agent.summary()).contact.phone).toBe("+442079460958");
});

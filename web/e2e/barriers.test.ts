import { expect } from "vitest";
import { barriers } from "./axe.js";
import { DESKTOP, NO_SERVER, PHONE, SIGNED_OUT, WIDE } from "./browser.js";
import { ADMIN } from "./server.js";
import { test } from "./world.js";

/** Each look of the widget at one size; the console's test goes through the sizes. */
const LOOKS = [
	["light", { colorScheme: "light" }, WIDE],
	["dark", { colorScheme: "dark" }, PHONE],
	["high contrast", { contrast: "more" }, DESKTOP],
] as const;

test("what keeps people out is found where there is some", async ({ world }) => {
	const server = await world.server();
	const customer = await world.customer(`${server.url}/demo`);
	await customer.open();
	await customer.panel.evaluate((panel) => {
		const button = panel.querySelector("[type=submit]");
		if (button) button.textContent = "";
	});
	expect(await barriers(customer.page)).toEqual([expect.stringMatching(/^critical button-name at /)]);
});

for (const [look, options, size] of LOOKS) {
	test(`the widget keeps nobody out (${look})`, async ({ world }) => {
		const server = await world.server();
		const agent = await world.agent(server, { expected: NO_SERVER });
		const customer = await world.customer(`${server.url}/demo`, {
			...size,
			...options,
			expected: NO_SERVER,
		});
		const { page, panel } = customer;
		const clear = async (where: string) => expect(await barriers(page), where).toEqual([]);

		await customer.launcher.waitFor();
		await clear("closed");
		await customer.open();
		await clear("form");
		await panel.getByRole("button", { name: "Start chat" }).click();
		await panel.getByText("Please write your name.").waitFor();
		await clear("form with errors");
		await customer.fill({ message: "Does it run large?" });
		await customer.begin();
		await agent.openChat("Phương Anh");
		await agent.send("A little.");
		await agent.field.pressSequentially("Take");
		await customer.bubble("A little.").waitFor();
		await customer.typing.waitFor({ state: "attached" });
		await clear("thread");
		await agent.send("Take one size less.");
		await customer.close();
		await agent.send("Or none at all.");
		await customer.widget.getByRole("button", { name: "Open chat, 1 unread message" }).waitFor();
		await clear("closed, with news");
		await customer.open();
		await customer.log.getByText("1 new").waitFor();
		await server.kill();
		await customer.send("Are you there?");
		await customer.mark("Sends when you are back online").waitFor();
		await customer.bar.getByText("Reconnecting.").waitFor();
		await clear("reconnecting");
	});

	test(`the console keeps nobody out (${look})`, async ({ world }) => {
		const server = await world.server({ oneTimePassword: true });
		const { context } = await world.window({ ...WIDE, ...options, expected: [...SIGNED_OUT, ...NO_SERVER] });
		const page = await context.newPage();
		const clear = async (where: string) => expect(await barriers(page), where).toEqual([]);

		await page.goto(`${server.url}/console`);
		await page.getByRole("button", { name: "Sign in" }).click();
		await page.getByText("Write your e-mail address.").waitFor();
		await clear("sign in");
		await page.getByLabel("E-mail").fill(ADMIN.email);
		await page.getByRole("textbox", { name: "Password", exact: true }).fill(server.oneTimePassword);
		await page.keyboard.press("Enter");
		await page.getByRole("heading", { name: "Choose a password" }).waitFor();
		await page.getByRole("button", { name: "Save password" }).click();
		await page.locator("#new-error").waitFor();
		await clear("choose a password");
		await page.getByRole("textbox", { name: "New password" }).fill(ADMIN.password);
		await page.keyboard.press("Enter");
		await page.getByText("No chat is yours yet.").waitFor();
		await clear("empty inbox");

		const customer = await world.customer(`${server.url}/demo`, { expected: NO_SERVER });
		await customer.start({ message: "Does it run large?" });
		const agent = await world.agent(server, { ...WIDE, ...options, expected: NO_SERVER });
		const at = async (where: string) => expect(await barriers(agent.page), where).toEqual([]);
		await agent.view("unassigned");
		await agent.row("Does it run large?").waitFor();
		await at("list");
		await agent.openChat("Phương Anh", "unassigned");
		await agent.take();
		await agent.send("A little.");
		await agent.field.fill("A draft");
		await customer.field.pressSequentially("So");
		await agent.above.getByText("Phương Anh is writing").waitFor();
		await at("thread and side panel");
		await agent.page.getByRole("link", { name: "Mine" }).click();
		await at("thread beside the list of mine");

		await agent.page.setViewportSize({ width: 1024, height: 768 });
		await agent.page.getByRole("button", { name: "About this chat" }).click();
		await at("side panel as a sheet");
		await agent.page.keyboard.press("Escape");
		await agent.page.setViewportSize(DESKTOP.viewport);
		await agent.log.focus();
		await agent.page.keyboard.press("?");
		await agent.page.getByRole("dialog", { name: "Keys" }).waitFor();
		await at("keys");
		await agent.page.keyboard.press("Escape");
		await agent.head.getByRole("button", { name: "Resolve" }).click();
		await agent.page.getByRole("button", { name: "Undo" }).waitFor();
		await at("toast");
		await agent.head.getByRole("button", { name: "Close" }).click();
		const question = agent.page.getByRole("dialog", { name: "Close this chat?" });
		await question.waitFor();
		await at("question");
		await question.getByRole("button", { name: "Close chat" }).click();
		await agent.page.getByText(/^Closed by you at /).waitFor();
		await at("closed chat");
		await agent.page.goto(`${server.url}/console/sessions/0197f000-0000-7000-8000-000000000000`);
		await agent.page.getByText("This chat is not here, or not open to you.").waitFor();
		await at("no such chat");

		const phone = await world.agent(server, { ...PHONE, ...options, expected: NO_SERVER });
		const on = async (where: string) => expect(await barriers(phone.page), where).toEqual([]);
		await phone.view("all");
		await phone.row("Phương Anh").waitFor();
		await on("list on a phone");
		await phone.row("Phương Anh").click();
		await phone.field.waitFor();
		await phone.bubble("A little.").waitFor();
		await on("thread on a phone");
		await server.kill();
		await phone.send("Are you there?");
		await phone.page
			.getByText(/^Offline since/)
			.filter({ visible: true })
			.waitFor();
		await on("offline on a phone");
	});
}

import { expect } from "vitest";
import type { SessionContext } from "../src/protocol/types.js";
import { barriers } from "./axe.js";
import { WIDE } from "./browser.js";
import { test } from "./world.js";

test("an agent sees where the customer is, and their other chats", async ({ world }) => {
	const server = await world.server();
	const first = await world.customer(`${server.url}/demo?from=letter&token=secret#top`);
	await first.start({ name: "Rosa", message: "Does it come in blue?" });
	const agent = await world.agent(server, WIDE);
	await agent.openChat("Rosa", "unassigned");
	const { page } = agent;
	const where = page.getByRole("region", { name: "Where the customer is" });
	await where.getByRole("heading", { name: "Where they are" }).waitFor();
	const link = where.getByRole("link").first();
	expect(await link.getAttribute("href")).toBe(`${server.url}/demo?from=letter`);
	await where.getByText(/^Chrom(e|ium) \d+$/).waitFor();
	await where.getByText("now", { exact: true }).waitFor();
	expect(await page.getByRole("region", { name: "Other chats of this customer" }).count()).toBe(0);

	// The shop's own script shows another page.
	await first.page.evaluate(() => {
		history.pushState(null, "", "/demo/cart");
		document.title = "Your cart";
	});
	await first.send("I put it into the cart");
	await where.getByRole("link", { name: "Your cart" }).waitFor({ timeout: 25_000 });
	expect(await barriers(page)).toEqual([]);

	// In another browser, it is another chat of the same customer.
	const second = await world.customer(`${server.url}/demo`);
	await second.start({ name: "Rosa", message: "Hello again" });
	await agent.view("all");
	await agent.row("Hello again").click();
	const others = page.getByRole("region", { name: "Other chats of this customer" });
	await others.getByRole("link", { name: "I put it into the cart" }).click();
	await agent.bubble("Does it come in blue?").waitFor();
	await others.getByRole("link", { name: "Hello again" }).waitFor();
});

test("what else is to be known is written down by keys alone", async ({ world }) => {
	const server = await world.server();
	const customer = await world.customer(`${server.url}/demo`);
	await customer.start({ message: "A seam came undone" });
	const agent = await world.agent(server, WIDE);
	await agent.openChat("Phương Anh", "unassigned");
	const { page } = agent;
	const edit = async () => {
		await agent.log.focus();
		await page.keyboard.press("l");
		await page.getByRole("dialog", { name: /^Details of/ }).waitFor();
	};
	const dialog = page.getByRole("dialog", { name: /^Details of/ });
	await edit();
	await dialog.getByRole("button", { name: "Add a detail" }).press("Enter");
	await expect
		.poll(() => dialog.getByLabel("Name of detail 1").evaluate((f) => f === document.activeElement))
		.toBe(true);
	await page.keyboard.type("Order");
	await page.keyboard.press("Tab");
	await page.keyboard.type("12");
	await page.keyboard.press("Enter");
	await expect
		.poll(() => dialog.getByLabel("Name of detail 2").evaluate((f) => f === document.activeElement))
		.toBe(true);
	await page.keyboard.type("Order");
	await dialog.getByRole("button", { name: "Save" }).click();
	await dialog.getByText("There are two details called “Order”.").waitFor();
	expect(await barriers(page)).toEqual([]);
	await dialog.getByLabel("Name of detail 2").fill("Colour");
	await dialog.getByLabel("Colour", { exact: true }).fill("red");
	await dialog.getByRole("button", { name: "Save" }).click();
	await dialog.waitFor({ state: "detached" });
	expect((await agent.summary()).attributes).toEqual({ Colour: "red", Order: "12" });
	const side = page.getByRole("complementary", { name: "About this chat" });
	await side.getByText("Colour", { exact: true }).waitFor();

	await edit();
	await dialog.getByRole("button", { name: "Remove Colour" }).press("Enter");
	await dialog.getByLabel("Name of detail 1").fill("Order number");
	await dialog.getByRole("button", { name: "Save" }).click();
	await dialog.waitFor({ state: "detached" });
	expect((await agent.summary()).attributes).toEqual({ "Order number": "12" });
});

test("a shop that wants it so does not tell where its visitors go", async ({ world }) => {
	const server = await world.server();
	const customer = await world.customer(`${server.url}/demo`);
	// As if it stood in the shop's page.
	await customer.page.addInitScript(() => {
		const off = () => document.querySelector("script[data-site]")?.setAttribute("data-pages", "off");
		new MutationObserver(off).observe(document, { childList: true, subtree: true });
	});
	await customer.page.reload();
	const told: string[] = [];
	customer.page.on("request", (request) => {
		if (request.url().endsWith("/page")) told.push(request.url());
	});
	await customer.start({ message: "Hello" });
	await customer.page.evaluate(() => history.pushState(null, "", "/demo/cart"));
	const agent = await world.agent(server, WIDE);
	await agent.openChat("Phương Anh", "unassigned");
	await agent.page.getByRole("region", { name: "Where the customer is" }).getByRole("link").first().waitFor();
	const { pages, page } = (await (
		await agent.page.request.get(`${server.url}/api/v1/sessions/${agent.session}/context`)
	).json()) as SessionContext;
	expect({ pages, told }).toEqual({ pages: [], told: [] });
	expect(page.url).toBe(`${server.url}/demo`);
});

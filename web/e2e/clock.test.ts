/** What the clock does: a service level that is warned of and breached, and a chat that ends by itself. */
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { barriers } from "./axe.js";
import { DESKTOP, PHONE } from "./browser.js";
import { test } from "./world.js";

/** A minute is the least that can be set. */
const LONG = { timeout: 100_000 };

/** What the server refuses, the form tells beside its field. */
const REFUSED = [/422 \(Unprocessable Entity\)/];

const clear = async (page: Page, where: string) => expect(await barriers(page), where).toEqual([]);

test("a service level is set, warned of, and breached", { timeout: 200_000 }, async ({ world }) => {
	const server = await world.server();
	const boss = await world.agent(server, { ...DESKTOP, path: "/console/settings/service-levels" });
	const { page } = boss;
	await page.getByText("There is no service level yet").waitFor();
	await page.getByRole("link", { name: "New service level" }).click();
	await page.getByRole("heading", { level: 1, name: "New service level" }).waitFor();
	await page.getByLabel("Name").fill("Everybody");
	await page.getByLabel("First answer within", { exact: true }).fill("soon");
	await page.getByRole("button", { name: "Save" }).click();
	await page.locator("#level-first-error").getByText("must be a number").waitFor();
	await page.getByLabel("First answer within", { exact: true }).fill("1");
	await page.getByLabel("Warn before", { exact: true }).fill("0.75");
	await page.getByLabel("It becomes more urgent by one step").check();
	await clear(page, "a service level");
	await page.getByRole("button", { name: "Save" }).click();
	await page.getByText("First answer in 1 minute").waitFor();
	expect(new URL(page.url()).pathname).toBe("/console/settings/service-levels");
	await clear(page, "service levels");

	const customer = await world.customer(`${server.url}/demo`);
	await customer.start({ message: "Is anybody there?" });
	await boss.page.goto(`${server.url}/console`);
	await boss.view("waiting");
	const row = boss.row("Is anybody there?");
	await row.locator(".sla").waitFor();
	await row.locator(".sla-warned").getByText("1 min left").waitFor(LONG);
	await row.click();
	await boss.head.locator(".sla-warned").waitFor();
	await boss.log.getByText("First answer due by").waitFor();
	await clear(page, "warned");
	await row.locator(".sla-breached").getByText("late").waitFor(LONG);
	await boss.log.getByText("First answer too late").waitFor(LONG);
	await boss.head.getByText("High").waitFor();
	await boss.page.locator(".side").getByText("Late, was due").waitFor();
	await clear(page, "breached");

	// Answered, it is late for ever, but nothing presses any more.
	await boss.take();
	await boss.send("Here I am");
	await customer.log.getByText("Here I am").waitFor();
	await row.locator(".sla").waitFor({ state: "detached" });
	const seen = await customer.log.textContent();
	expect(seen).not.toContain("late");
});

test("a quiet chat ends after a warning that the customer reads", { timeout: 200_000 }, async ({ world }) => {
	const server = await world.server();
	const boss = await world.agent(server, {
		...DESKTOP,
		path: "/console/settings/closing",
		expected: REFUSED,
	});
	const { page } = boss;
	await page.getByLabel("End quiet chats after", { exact: true }).fill("1");
	await page.getByLabel("Tell the customer before", { exact: true }).fill("1");
	await page.getByRole("button", { name: "Save" }).click();
	await page.locator("#closing-warn-error").getByText("under inactive_after_s").waitFor();
	await page.getByLabel("Tell the customer before", { exact: true }).fill("0.75");
	await page.getByLabel("Last words").fill("Thank you, and come again.");
	await clear(page, "closing");
	await page.getByRole("button", { name: "Save" }).click();
	await page.locator(".toast").getByText("Saved").waitFor();

	const customer = await world.customer(`${server.url}/demo`, { ...PHONE, colorScheme: "dark" });
	await customer.start({ message: "Do you ship to Porto?" });
	await page.goto(`${server.url}/console`);
	await boss.openChat("Phương Anh");
	await boss.send("We do");
	await customer.log.getByText("We do").waitFor();
	await customer.log.getByText("This chat will end in 1 minutes unless you write.").waitFor(LONG);
	await boss.log.getByText("The customer is told that the chat ends at").waitFor();
	await clear(customer.page, "warned of the end");
	await customer.log.getByText("Thank you, and come again.").waitFor(LONG);
	await boss.head.getByText("Closed").waitFor();
	expect(await customer.log.textContent()).not.toContain("The chat has ended.");
	await clear(customer.page, "ended");
});

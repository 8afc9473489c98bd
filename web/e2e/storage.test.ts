import type { BrowserContext } from "playwright-core";
import { expect } from "vitest";
import { NO_SERVER } from "./browser.js";
import { Customer } from "./customer.js";
import { test } from "./world.js";

/** As browsers do it where storage is turned off: to ask is to be refused. */
async function deny(context: BrowserContext): Promise<void> {
	await context.addInitScript(() => {
		for (const name of ["localStorage", "sessionStorage", "indexedDB"]) {
			Object.defineProperty(window, name, {
				get: () => {
					throw new DOMException("The operation is insecure.", "SecurityError");
				},
			});
		}
	});
}

/** As browsers do it where the disk is full: reading works, writing does not. */
async function fill(context: BrowserContext): Promise<void> {
	await context.addInitScript(() => {
		const full = () => {
			throw new DOMException("The quota has been exceeded.", "QuotaExceededError");
		};
		Storage.prototype.setItem = full;
		IDBObjectStore.prototype.put = full;
	});
}

for (const [what, take] of [
	["denied", deny],
	["full", fill],
] as const) {
	test(`the chat works in memory where storage is ${what}`, async ({ world }) => {
		const server = await world.server();
		const agent = await world.agent(server, { expected: NO_SERVER });
		const { context } = await world.window({ expected: NO_SERVER });
		await take(context);
		const page = await context.newPage();
		await page.goto(`${server.url}/demo`);
		const customer = new Customer(page);

		await customer.start({ message: "Nothing is kept here" });
		await agent.openChat("Phương Anh");
		await agent.send("That is fine");
		await customer.bubble("That is fine").waitFor();
		await customer.field.fill("half a");
		await customer.close();
		await customer.open();
		expect(await customer.field.inputValue()).toBe("half a");

		// What waits for the server waits in memory.
		await server.kill();
		await customer.send("while you were away");
		await customer.mark("Sends when you are back online").waitFor();
		await server.startAgain();
		await agent.bubble("while you were away").waitFor({ timeout: 40_000 });
		expect(await agent.storedMessages()).toEqual([
			"Nothing is kept here",
			"That is fine",
			"while you were away",
		]);

		// A reload begins anew, and does so properly.
		await page.reload();
		await customer.start({ name: "Again" });
		await customer.send("hello again");
		await customer.mark(/^(Sent|Delivered)$/).waitFor();
	});

	test(`the console works where storage is ${what}`, async ({ world }) => {
		const server = await world.server();
		const customer = await world.customer(`${server.url}/demo`);
		await customer.start({ message: "Hello" });
		const agent = await world.agent(server, { path: "about:blank" });
		await take(agent.page.context());
		await agent.page.goto(`${server.url}/console`);
		await agent.openChat("Phương Anh");
		await agent.send("Hello to you");
		await customer.bubble("Hello to you").waitFor();
		await agent.field.fill("a draft");
		await agent.view("unassigned");
		await agent.openChat("Phương Anh");
		expect(await agent.field.inputValue()).toBe("a draft");
	});
}

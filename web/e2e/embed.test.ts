import { expect } from "vitest";
import { PHONE } from "./browser.js";
import { Customer } from "./customer.js";
import { test } from "./world.js";

for (const [size, options] of [
	["desktop", {}],
	["phone", PHONE],
] as const) {
	test(`a shop of another origin with a strict policy has the chat (${size})`, async ({ world }) => {
		const server = await world.server();
		const shop = await world.shop(server.url);
		const customer = await world.customer(shop.url("localhost"), options);
		const agent = await world.agent(server);
		const { page } = customer;

		await customer.start({ message: "From my own shop" });
		await agent.openChat("Phương Anh");
		await agent.send("Heard");
		await customer.bubble("Heard").waitFor();
		await agent.mark(/^Read/).waitFor();
		await page.reload();
		await customer.open();
		await customer.bubble("Heard").waitFor();

		// What the shop says about everything says nothing about us.
		const looks = await customer.bubble("Heard").evaluate((bubble) => {
			const { letterSpacing, textTransform, fontSize } = getComputedStyle(bubble);
			return { letterSpacing, textTransform, fontSize };
		});
		expect(looks).toEqual({ letterSpacing: "normal", textTransform: "none", fontSize: "15px" });
		// We leave one element, one name, no cookie.
		expect(await page.locator("body > *").count()).toBe(2);
		expect(await page.context().cookies()).toEqual([]);

		if (size === "phone") {
			// Once it has risen.
			const box = { x: 0, y: 0, width: 390, height: 844 };
			await expect.poll(() => customer.panel.boundingBox()).toEqual(box);
			expect(await customer.panel.getAttribute("aria-modal")).toBe("true");
			expect(await page.evaluate(() => document.documentElement.style.overflow)).toBe("hidden");
			// No keyboard jumps up by itself, and nothing behind the panel can be reached.
			const focus = () => customer.widget.evaluate((host) => host.shadowRoot?.activeElement?.className ?? "");
			expect(await focus()).toContain("header-name");
			for (let i = 0; i < 8; i++) {
				await page.keyboard.press("Tab");
				expect(await focus()).toMatch(/icon-button|line-more|log|composer/);
			}
			await customer.close();
			expect(await page.evaluate(() => document.documentElement.style.overflow)).toBe("");
		}
	});
}

test("a page that the site does not allow is left alone", async ({ world }) => {
	const server = await world.server();
	const shop = await world.shop(server.url);
	// The browser's own words about the refusal are all that there is.
	const { context } = await world.window({ expected: [/CORS policy/, /ERR_FAILED/] });
	const page = await context.newPage();
	const refused = page.waitForEvent("requestfailed");
	await page.goto(shop.url("127.0.0.1"));
	expect((await refused).url()).toBe(`${server.url}/api/v1/sites/demo`);

	await page.getByRole("heading", { name: "Ein Laden" }).waitFor();
	// Whoever calls it all the same gets no answer, and no error either.
	await page.evaluate(() => {
		const { Hubbub } = globalThis as { Hubbub?: { open(): void; close(): void } };
		Hubbub?.open();
		Hubbub?.close();
	});
	expect(await new Customer(page).widget.count()).toBe(0);
});

test("a page is allowed when an admin has said so", async ({ world }) => {
	const server = await world.server();
	const shop = await world.shop(server.url);
	const origin = shop.url("127.0.0.1");
	const agent = await world.agent(server);
	const sites = await agent.page.request.get(`${server.url}/api/v1/sites`);
	const [site] = (await sites.json()).items;
	const answer = await agent.page.request.patch(`${server.url}/api/v1/sites/${site.id}`, {
		data: { allowed_origins: [origin], name: "Kannenladen", greeting: "Womit dürfen wir helfen?" },
	});
	expect(answer.status()).toBe(200);

	const customer = await world.customer(origin);
	await customer.open();
	await customer.panel.getByRole("heading", { name: "Womit dürfen wir helfen?" }).waitFor();
	await customer.fill();
	await customer.begin();
	await customer.send("Ich bin da");
	await agent.openChat("Phương Anh");
	await agent.bubble("Ich bin da").waitFor();
});

import type { Page } from "playwright-core";
import { expect } from "vitest";
import type { Agent } from "./agent.js";
import { test } from "./world.js";

/** What would run, or be made, if any of it were taken for markup. Each stays within the length of a name. */
const PAYLOADS = [
	"<script>alert(1)</script>",
	"<img src=x onerror=alert(1)>",
	"<svg onload=alert(1)>",
	"<svg><script>alert(1)</script></svg>",
	'"><iframe srcdoc="<script>parent.alert(1)</script>">',
	"'-alert(1)-'",
	"</textarea><script>alert(1)</script>",
	"</title><script>alert(1)</script>",
	"<a href=javascript:alert(1)>x</a>",
	"javascript:alert(1)",
	"{{constructor.constructor('alert(1)')()}}",
	"<style>*{display:none}</style>",
	"<math><mi//xlink:href=data:x,<script>alert(1)</script>>",
	"&lt;b&gt;not bold&lt;/b&gt; <b>not bold</b>",
	"<input autofocus onfocus=alert(1)>",
] as const;

/** Elements that only markup taken from people could have made. */
const FOREIGN =
	"script:not([src]), img[src='x'], iframe, math, style, [onload], [onerror], [onfocus], b, a[href^=javascript]";

/** The row of the one with exactly this name. */
const row = (agent: Agent, name: string) =>
	agent.list
		.getByRole("option")
		.filter({ has: agent.page.locator(".row-name").getByText(name, { exact: true }) });

const foreign = (page: Page) => page.locator("#app, hubbub-chat").locator(FOREIGN).count();

test("what people write is text, whoever reads it", async ({ world }) => {
	const server = await world.server();
	const agent = await world.agent(server);
	const customer = await world.customer(`${server.url}/demo`);

	// Every payload as a customer's name, as their first message and as the title of their page.
	for (const [i, payload] of PAYLOADS.entries()) {
		const answer = await agent.page.request.post(`${server.url}/api/v1/sites/demo/sessions`, {
			data: {
				name: payload,
				phone: `+44207946${String(i).padStart(4, "0")}`,
				message: payload,
				page: { url: `${server.url}/demo`, title: payload },
			},
		});
		expect(answer.status(), payload).toBe(201);
	}
	await agent.view("all");
	// All of them, before a hand in the list holds back what is new.
	await agent.list
		.getByRole("option")
		.nth(PAYLOADS.length - 1)
		.waitFor();
	for (const payload of PAYLOADS) {
		await row(agent, payload).click();
		await agent.bubble(payload).waitFor();
		expect(await agent.head.getByRole("heading").textContent()).toBe(payload);
		expect(await agent.page.title()).toContain(payload);
	}
	expect(await foreign(agent.page)).toBe(0);

	// Every payload in one thread, from both sides; and as a draft, which a list shows too.
	await customer.start({ name: "Mallory" });
	await agent.view("all");
	await agent.row("Mallory").click();
	for (const payload of PAYLOADS) {
		await customer.send(payload);
		await agent.bubble(payload).first().waitFor();
		await agent.send(payload);
		await customer.bubble(payload).nth(1).waitFor();
	}
	await expect.poll(() => customer.said()).toEqual(PAYLOADS.flatMap((payload) => [payload, payload]));
	await expect.poll(() => agent.said()).toEqual(await customer.said());
	await agent.field.fill(PAYLOADS[0]);
	await row(agent, PAYLOADS[1]).click();
	await agent.list.getByText("Draft:").waitFor();
	expect(await foreign(agent.page)).toBe(0);
	expect(await foreign(customer.page)).toBe(0);

	// Closed, the newest message stands beside the launcher.
	await customer.close();
	await agent.row("Mallory").click();
	await agent.send(PAYLOADS[1]);
	await customer.widget.getByRole("button", { name: PAYLOADS[1] }).waitFor();
	expect(await foreign(customer.page)).toBe(0);
});

test("a name of the team, of a site and a greeting are text as well", async ({ world }) => {
	const server = await world.server();
	const payload = PAYLOADS[1];
	const login = await server.addAgent(payload, "admin", "mallory@team.example");
	const agent = await world.agent(server, { login });
	await agent.page.getByText(payload).filter({ visible: true }).first().waitFor();
	const sites = await agent.page.request.get(`${server.url}/api/v1/sites`);
	const [site] = (await sites.json()).items;
	const answer = await agent.page.request.patch(`${server.url}/api/v1/sites/${site.id}`, {
		data: { name: PAYLOADS[0], greeting: PAYLOADS[2], allowed_origins: [] },
	});
	expect(answer.status()).toBe(200);

	const customer = await world.customer(`${server.url}/demo`);
	await customer.open();
	await customer.panel.getByRole("heading", { name: PAYLOADS[2] }).waitFor();
	await customer.fill({ message: "hello" });
	await customer.begin();
	await agent.openChat("Phương Anh");
	await agent.take();
	await customer.panel.getByRole("heading", { name: payload }).first().waitFor();
	await customer.log.getByText(`${payload} joined the chat`).waitFor();
	await agent.field.pressSequentially("a");
	await customer.typing.waitFor({ state: "attached" });
	await agent.send("hello");
	await customer.bubble("hello").nth(1).waitFor();
	expect(await foreign(customer.page)).toBe(0);
	expect(await foreign(agent.page)).toBe(0);
});

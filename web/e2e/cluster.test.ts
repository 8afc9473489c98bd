import { expect } from "vitest";
import type { Agent } from "./agent.js";
import { NO_SERVER, PHONE, WIDE } from "./browser.js";
import { Conversation } from "./conversation.js";
import { Customer } from "./customer.js";
import { test } from "./world.js";

/** Long enough for a link that begins anew, and for a busy machine. */
const BACK = { timeout: 15_000 };
/** What is short, as far as a busy machine can tell. */
const SHORT_MS = 6_000;

test("a chat goes across two nodes, and goes on without Redis", async ({ world }) => {
	const { a, b, redis } = await world.cluster();
	const customer = await world.customer(`${a.url}/demo`, WIDE);
	const agent = await world.agent(b);

	await customer.start({ name: "Phương Anh", message: "Does the Skerry run large?" });
	await agent.openChat("Phương Anh");
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

	// Who takes the chat shows by name; what a closed panel has been handed is not read.
	await agent.take();
	await customer.log.getByText("Admin joined the chat").waitFor();
	await customer.panel.getByText("here now").waitFor();
	expect(await customer.panel.locator(".header-name").textContent()).toBe("Admin");
	await customer.close();
	await agent.send("It ships today.");
	await agent.mark("Delivered").waitFor();
	await customer.open();
	await agent.mark(/^Read/).waitFor();

	const conversation = await Conversation.begin(customer, agent);
	const before = await conversation.exchange("with Redis");

	await redis.kill();
	const without = await conversation.exchange("without Redis");
	const other = await world.customer(`${a.url}/demo`);
	await other.start({ name: "Ada", message: "Is anybody there?" });
	await agent.row("Is anybody there?").waitFor({ timeout: SHORT_MS });

	await redis.startAgain();
	await linked(customer, agent);
	const after = await conversation.exchange("with Redis again");
	await customer.mark("Read").waitFor();
	await agent.mark(/^Read/).waitFor();

	await conversation.expectWhole();
	print("slowest message in ms", { before, without, after });
});

for (const [kind, websocket] of [
	["WebSockets", true],
	["plain requests", false],
] as const) {
	test(`a rolling restart is a pause that nobody need notice (${kind})`, async ({ world }) => {
		const { a, b } = await world.cluster();
		const balancer = await world.balancer(a, b);
		const { context } = await world.window({ ...PHONE, expected: NO_SERVER });
		if (!websocket) await context.addInitScript(() => Reflect.deleteProperty(globalThis, "WebSocket"));
		const page = await context.newPage();
		await page.goto(`${balancer.url}/demo`);
		const customer = new Customer(page);
		expect(await page.evaluate(() => "WebSocket" in globalThis)).toBe(websocket);
		await customer.start({ message: "Hello" });
		balancer.prefer(b.url);
		const agent = await world.agent(balancer, { expected: NO_SERVER });
		await agent.openChat("Phương Anh");
		await agent.take();
		await customer.panel.getByText("here now").waitFor();

		const conversation = await Conversation.begin(customer, agent);
		await conversation.during(async () => {
			for (const node of [a, b]) {
				await node.stop();
				await node.startAgain();
			}
		});
		await conversation.expectWhole();
		await customer.panel.getByText("here now").waitFor(BACK);
		const troubles = await conversation.troubles();
		print(`rolling restart over ${kind}`, { ...(await conversation.pace()), ...troubles });
		for (const { told } of [troubles.customer, troubles.agent]) expect(told).toBeLessThan(SHORT_MS);
	});
}

test("the customer's node is killed, and the chat goes on at the other", async ({ world }) => {
	const { a, b } = await world.cluster();
	const balancer = await world.balancer(a, b);
	const customer = await world.customer(`${balancer.url}/demo`, { ...WIDE, expected: NO_SERVER });
	const agent = await world.agent(b);
	await customer.start({ message: "Hello" });
	await agent.openChat("Phương Anh");
	await agent.take();
	await customer.panel.getByText("here now").waitFor();

	const conversation = await Conversation.begin(customer, agent);
	await conversation.during(async () => {
		// Into the teeth of it: acked or not, it must be there once.
		await agent.bubble("customer 2").waitFor();
		await a.kill();
		await agent.bubble("customer 8").waitFor(BACK);
	});
	await conversation.expectWhole();
	print("killed", { ...(await conversation.pace()), ...(await conversation.troubles()) });
	await linked(customer, agent);
});

/** What is never stored goes from node to node by the link or not at all: when it comes, the link is there. */
async function linked(customer: Customer, agent: Agent): Promise<void> {
	for (const [{ field }, sign] of [
		[agent, customer.typing],
		[customer, agent.above.getByText("is writing")],
	] as const) {
		const typed = async () => {
			await field.press("x");
			return await sign.count();
		};
		await expect.poll(typed, BACK).toBe(1);
		await field.fill("");
	}
}

/** For whoever keeps the figures. */
function print(what: string, figures: object): void {
	process.stdout.write(`${what}: ${JSON.stringify(figures)}\n`);
}

import { expect } from "vitest";
import { DESKTOP, NO_SERVER, PHONE } from "./browser.js";
import { test } from "./world.js";

const KEPT = "Sends when you are back online";
/** The longest pause between two tries to connect, and a little. */
const BACK = { timeout: 40_000 };

for (const [size, options] of [
	["desktop", DESKTOP],
	["phone", PHONE],
] as const) {
	test(`the server is killed in mid-conversation, and comes back (${size})`, {
		timeout: 120_000,
	}, async ({ world }) => {
		const server = await world.server();
		const customer = await world.customer(`${server.url}/demo`, { ...options, expected: NO_SERVER });
		const agent = await world.agent(server, { ...options, expected: NO_SERVER });
		await customer.start({ message: "one" });
		await agent.openChat("Phương Anh");
		await agent.send("two");
		await customer.bubble("two").waitFor();
		await customer.send("three");
		await customer.mark("Read").waitFor();

		// Sent into the teeth of it: acked or not, it must be there once.
		await customer.send("while it dies");
		await server.kill();

		await customer.send("customer, waiting");
		await customer.mark(KEPT).waitFor();
		await agent.send("agent, waiting");
		await agent.mark(KEPT).waitFor();
		await customer.send("customer, waiting still");
		await customer.bubble("customer, waiting still").waitFor();
		// Grey and in words, once it has lasted.
		await customer.bar.getByText("Reconnecting.").waitFor();
		await agent.page
			.getByText(/^Offline since/)
			.filter({ visible: true })
			.waitFor();

		await server.startAgain();
		await agent.bubble("customer, waiting still").waitFor(BACK);
		await customer.bubble("agent, waiting").waitFor(BACK);
		await customer.bar.waitFor({ state: "detached" });
		await customer.mark(/^(Read|Delivered)$/).waitFor();
		await agent.mark(/^(Read.*|Delivered)$/).waitFor();

		const stored = await agent.storedMessages();
		for (const who of [customer, agent]) await expect.poll(() => who.said()).toEqual(stored);
		// Whose came first is the server's to say; each side's own come in the order written.
		expect(stored.filter((text) => text !== "agent, waiting")).toEqual([
			"one",
			"two",
			"three",
			"while it dies",
			"customer, waiting",
			"customer, waiting still",
		]);
		expect(stored.filter((text) => text === "agent, waiting")).toHaveLength(1);
		const seqs = (await agent.stored()).map(({ seq }) => seq);
		expect(seqs).toEqual(seqs.map((_, i) => i + 1));

		// Live again, both ways.
		await agent.send("live again");
		await customer.bubble("live again").waitFor();
		await customer.send("so it is");
		await agent.bubble("so it is").waitFor();
	});
}

test("what waits survives a reload while the server is away", async ({ world }) => {
	const server = await world.server();
	// The shop is not the chat's server: its page can be loaded while that is away.
	const shop = await world.shop(server.url);
	const customer = await world.customer(shop.url("localhost"), { expected: NO_SERVER });
	const agent = await world.agent(server, { expected: NO_SERVER });
	await customer.start({ message: "before" });
	await agent.openChat("Phương Anh");
	await server.kill();
	await customer.send("kept, first");
	await customer.send("kept, second");
	await customer.mark(KEPT).waitFor();

	// The browser writes in its own time, some milliseconds later.
	await expect.poll(() => customer.waiting()).toBe(2);

	// The shop's page works without the chat.
	await customer.page.reload();
	await customer.page.getByRole("heading", { name: "Ein Laden" }).waitFor();
	await server.startAgain();
	await customer.page.reload();
	await customer.open();
	await agent.bubble("kept, second").waitFor(BACK);
	const said = ["before", "kept, first", "kept, second"];
	expect(await agent.storedMessages()).toEqual(said);
	await expect.poll(() => customer.said()).toEqual(said);
	await expect.poll(() => agent.said()).toEqual(said);
});

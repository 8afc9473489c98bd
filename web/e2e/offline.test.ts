import { expect } from "vitest";
import { NO_NETWORK, PHONE } from "./browser.js";
import { test } from "./world.js";

const KEPT = "Sends when you are back online";

test("a customer's network goes away and comes back", async ({ world }) => {
	const server = await world.server();
	const customer = await world.customer(`${server.url}/demo`, { ...PHONE, expected: NO_NETWORK });
	const agent = await world.agent(server);
	const network = customer.page.context();
	await customer.start({ message: "from the tram" });
	await agent.openChat("Phương Anh");
	await customer.mark("Read").waitFor();

	await network.setOffline(true);
	await customer.send("in the tunnel");
	await customer.send("still in the tunnel");
	await customer.mark(KEPT).waitFor();
	await customer.bar.getByText("Reconnecting.").waitFor();
	await agent.send("Are you there?");
	await agent.mark(/^(Sent|Delivered)$/).waitFor();

	await network.setOffline(false);
	await customer.bubble("Are you there?").waitFor();
	await agent.bubble("still in the tunnel").waitFor();
	await customer.mark("Read").waitFor();
	await customer.bar.waitFor({ state: "detached" });
	const stored = await agent.storedMessages();
	expect([...stored].sort()).toEqual([
		"Are you there?",
		"from the tram",
		"in the tunnel",
		"still in the tunnel",
	]);
	for (const who of [customer, agent]) await expect.poll(() => who.said()).toEqual(stored);
});

test("an agent's network goes away and comes back", async ({ world }) => {
	const server = await world.server();
	const customer = await world.customer(`${server.url}/demo`);
	const agent = await world.agent(server, { expected: NO_NETWORK });
	await customer.start({ message: "hello" });
	await agent.openChat("Phương Anh");
	await agent.send("hello");
	await customer.bubble("hello").nth(1).waitFor();

	await agent.page.context().setOffline(true);
	await agent.send("written offline");
	await agent.mark(KEPT).waitFor();
	await agent.page
		.getByText(/^Offline since/)
		.filter({ visible: true })
		.waitFor();
	await customer.send("did you get that?");
	// A draft is no message: it stays where it is.
	await agent.field.fill("and a draft");

	await agent.page.context().setOffline(false);
	await customer.bubble("written offline").waitFor();
	await agent.bubble("did you get that?").waitFor();
	expect(await agent.field.inputValue()).toBe("and a draft");
	const stored = await agent.storedMessages();
	expect(stored).toHaveLength(4);
	for (const who of [customer, agent]) await expect.poll(() => who.said()).toEqual(stored);
});

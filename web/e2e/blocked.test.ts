import { expect } from "vitest";
import { NO_NETWORK, NO_SERVER } from "./browser.js";
import { Customer } from "./customer.js";
import { test } from "./world.js";

/** Two tries to connect may fail before plain requests take over, each after a pause of the client's own choice. */
const BACK = { timeout: 60_000 };
/** Less than the time for which a request for news is held. */
const STEP_MS = 20_000;

test("without WebSockets the same chat goes on, and climbs back when they work again", {
	timeout: 150_000,
}, async ({ world }) => {
	const server = await world.server();
	const proxy = await world.proxy(server.url);
	proxy.refuseUpgrades();

	const window = await world.window({ expected: NO_SERVER });
	const agent = await world.agent(proxy, { expected: [...NO_SERVER, ...NO_NETWORK] });
	await agent.page.getByText("Polling", { exact: true }).filter({ visible: true }).waitFor();

	const page = await window.context.newPage();
	await page.clock.install();
	await page.goto(`${proxy.url}/demo`);
	const customer = new Customer(page);
	await customer.start({ message: "over plain requests" });
	await agent.openChat("Phương Anh", "unassigned");
	await agent.bubble("over plain requests").waitFor();
	await customer.mark("Read").waitFor();

	await agent.field.pressSequentially("So");
	await customer.typing.waitFor({ state: "attached" });
	await agent.send("So is this");
	await customer.bubble("So is this").waitFor();
	await customer.typing.waitFor({ state: "detached" });
	await agent.mark(/^Read/).waitFor();
	await customer.field.pressSequentially("An");
	await agent.above.getByText("Phương Anh is writing").waitFor();
	await customer.send("And this");
	await agent.bubble("And this").waitFor();
	await customer.mark("Read").waitFor();
	expect(proxy.passed).toBe(0);

	// The retry is due every 60 s; the agent's page is told that its network has changed.
	const asked = proxy.asked;
	proxy.upgrades = true;
	for (const step of [1, 2, 3, 4]) {
		await page.clock.fastForward(STEP_MS);
		await customer.send(`climbing ${step}`);
		await agent.bubble(`climbing ${step}`).waitFor();
		await customer.mark("Read").waitFor();
	}
	await expect.poll(() => proxy.passed).toBe(1);
	expect(proxy.asked).toBe(asked + 1);
	await agent.page.context().setOffline(true);
	await agent.page.context().setOffline(false);
	await agent.page.getByText("Online", { exact: true }).filter({ visible: true }).waitFor();
	expect(proxy.passed).toBe(2);

	await agent.send("Over the socket");
	await customer.bubble("Over the socket").waitFor();
	await customer.send("Here too");
	await agent.bubble("Here too").waitFor();
	await customer.mark("Read").waitFor();

	// And down again: sockets that were open are cut.
	proxy.refuseUpgrades();
	await customer.send("Down again");
	await agent.bubble("Down again").waitFor(BACK);
	await agent.page.getByText("Polling", { exact: true }).filter({ visible: true }).waitFor(BACK);
	await agent.send("Still here");
	await customer.bubble("Still here").waitFor();

	const said = [
		"over plain requests",
		"So is this",
		"And this",
		...[1, 2, 3, 4].map((step) => `climbing ${step}`),
		"Over the socket",
		"Here too",
		"Down again",
		"Still here",
	];
	expect(await agent.storedMessages()).toEqual(said);
	await expect.poll(() => customer.said()).toEqual(said);
	await expect.poll(() => agent.said()).toEqual(said);
});

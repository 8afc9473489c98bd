import { expect } from "vitest";
import { barriers } from "./axe.js";
import { PHONE } from "./browser.js";
import { test } from "./world.js";

const DAY_MS = 86_400_000;

test("while the shop is closed, visitors are told when it opens, and their messages wait", async ({
	world,
}) => {
	const server = await world.server();
	const agent = await world.agent(server);
	const sites = await agent.page.request.get(`${server.url}/api/v1/sites`);
	const [site] = (await sites.json()).items;
	const set = async (hours: unknown) => {
		const answer = await agent.page.request.patch(`${server.url}/api/v1/sites/${site.id}`, {
			data: { hours },
		});
		expect(answer.status()).toBe(200);
	};
	const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
	const date = (days: number) => new Date(today + days * DAY_MS).toISOString().slice(0, 10);
	const holidays = [-1, 0, 1, 2, 3].map((days) => ({ date: date(days) }));
	await set({ time_zone: "Etc/UTC", always: true, holidays });

	// Midnight, where the shop is, is two in the afternoon where she is.
	const opens = new Date(today + 4 * DAY_MS);
	const timeZone = "Pacific/Kiritimati";
	const weekday = opens.toLocaleDateString("en-GB", { timeZone, weekday: "long" });
	const back = `Back on ${weekday} at 14:00`;
	const customer = await world.customer(`${server.url}/demo`, { ...PHONE, timezoneId: timeZone });
	await customer.open();
	await customer.panel.getByText(back, { exact: true }).waitFor();
	await customer.panel.getByText(`${back}. Leave a message, and we write back.`).waitFor();
	expect(await barriers(customer.page)).toEqual([]);
	await customer.fill({ message: "Is the kettle still to be had?" });
	await customer.begin();
	await customer.panel.getByText(back, { exact: true }).waitFor();
	await customer.send("I shall wait");
	await customer.mark("Sent").waitFor();

	await agent.openChat("Phương Anh");
	await agent.bubble("Is the kettle still to be had?").waitFor();
	await agent.bubble("I shall wait").waitFor();

	await set(null);
	await customer.close();
	await customer.open();
	await customer.panel.getByText("We are here now").waitFor();
	await agent.send("It is, and put aside for you.");
	await customer.bubble("It is, and put aside for you.").waitFor();
});

import { describe, expect, it } from "vitest";
import { MemoryStore } from "../testing/platform.js";
import { FakeServer } from "../testing/server.js";
import { bodies, makeWorld, type World } from "../testing/world.js";
import type { SessionStream } from "./api.js";

/** A small generator, so that a failing run can be had again by its number. */
function dice(seed: number): () => number {
	let state = seed * 2654435761 + 1;
	return () => {
		state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
		return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
	};
}

interface Page extends World {
	readonly stream: SessionStream;
}

function load(server: FakeServer, storage: MemoryStore, roll: () => number, name: string): Page {
	const world = makeWorld({ server, storage, prefix: name });
	world.platform.random = roll;
	const stream = world.client.openSession("chat");
	world.client.start();
	return { ...world, stream };
}

const weather: readonly ((server: FakeServer, page: Page, roll: () => number) => void)[] = [
	(server) => server.drop(),
	(server) => {
		server.unreachable = true;
	},
	(server) => {
		server.upgradesFail = true;
		server.drop();
	},
	(server) => {
		server.acksLost = true;
	},
	(server) => {
		server.mute = true;
	},
	(server) => {
		server.storeDown = true;
	},
	(server) => {
		server.upgradesHang = true;
	},
	(server) => {
		server.refuse = () => ({ code: "rate_limited", retryable: true, retry_after_ms: 2_000 });
	},
	(server) => server.bye(1012, "restart", 5_000),
	(server) => server.bye(4003, "rate_limited", 3_000),
	(_, page) => page.platform.page("pagehide"),
	(_, page) => page.platform.page("pageshow"),
	(_, page) => page.platform.page("online"),
	(_, page, roll) => page.platform.clock.sleep(roll() * 120_000),
];

function clear(server: FakeServer): void {
	server.unreachable = false;
	server.upgradesFail = false;
	server.upgradesHang = false;
	server.acksLost = false;
	server.mute = false;
	server.storeDown = false;
	server.refuse = () => null;
}

/** An hour of bad weather over one chat, with reloads of the page; then the sun comes out. */
async function storm(seed: number) {
	const roll = dice(seed);
	const server = new FakeServer("chat");
	server.page = 7;
	const storage = new MemoryStore();
	let page = load(server, storage, roll, "page0");
	const written: string[] = [];
	for (let step = 0; step < 60; step++) {
		const what = roll();
		if (what < 0.35) {
			written.push(`us ${step}`);
			page.stream.send(`us ${step}`);
		} else if (what < 0.6) server.say("chat", `them ${step}`);
		else if (what < 0.8) weather[Math.floor(roll() * weather.length)]?.(server, page, roll);
		else if (what < 0.92) clear(server);
		else if (what < 0.95) {
			await page.pass(0);
			page.client.stop();
			page = load(server, storage, roll, `page${step}`);
		}
		await page.pass(roll() * 8_000);
	}
	clear(server);
	page.platform.page("pageshow");
	await page.pass(240_000);
	return { server, page, written, storage };
}

describe("in bad weather", () => {
	it.each(Array.from({ length: 150 }, (_, i) => i))(
		"nothing is lost, doubled or turned round (%i)",
		async (seed) => {
			const { server, page, written, storage } = await storm(seed);
			const stored = server.chat("chat").entries;
			const ours = stored.filter((entry) => entry.sender.kind === "customer").map((entry) => entry.body);
			expect(ours).toEqual(written);
			expect(page.client.status.get()).toMatchObject({ state: "online", transport: "websocket" });
			expect(page.stream.get().outbox).toEqual([]);
			expect(storage.pairs.size).toBe(0);
			while (page.stream.get().more) await Promise.all([page.stream.loadOlder(), page.pass(10)]);
			expect(page.stream.get().entries).toEqual(stored);
			expect(bodies(page.stream.get())).toHaveLength(stored.length - 1);
		},
	);
});

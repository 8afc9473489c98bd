import { describe, expect, it } from "vitest";
import { ANA } from "../testing/make.js";
import { FakeServer } from "../testing/server.js";
import { bodies, makeOpenWorld, makeWorld } from "../testing/world.js";

async function onLongPoll(server = new FakeServer("chat")) {
	server.upgradesFail = true;
	const world = await makeOpenWorld({ server });
	await world.pass(3_000);
	return world;
}

describe("long-poll", () => {
	it("takes over when two upgrades in a row fail", async () => {
		const { server, client, stream } = await onLongPoll();
		expect(server.sockets).toHaveLength(2);
		expect(client.status.get()).toMatchObject({ state: "online", transport: "long_poll" });
		expect(client.you.get()).toMatchObject({ kind: "customer", id: "contact-1" });
		expect(stream.get()).toMatchObject({ loading: null, summary: { id: "chat" } });
	});

	it("does not take over when our own server refused", async () => {
		const { server, client, pass } = makeWorld();
		server.turnAway = { code: 1013, reason: "overloaded", retry_after_ms: 1_000 };
		client.start();
		await pass(20_000);
		expect(server.sockets.length).toBeGreaterThan(3);
		expect(server.requests).toEqual([]);
	});

	it("brings entries, typing, presence and receipts at once", async () => {
		const { server, client, stream, pass } = await onLongPoll();
		const heard: string[] = [];
		client.onEntry((_, entry) => heard.push(entry.body));
		server.say("chat", "hello");
		await pass(10);
		expect(bodies(stream.get())).toEqual(["hello"]);
		expect(heard).toEqual(["hello"]);
		const chat = server.chat("chat");
		chat.typing = [ANA];
		chat.presence = [{ who: ANA, online: true }];
		chat.receipts = [{ who: ANA, seq: 1, delivered: 2 }];
		server.wake();
		await pass(10_000);
		expect(stream.get()).toMatchObject({
			typing: [ANA],
			presence: [{ who: ANA, online: true }],
			receipts: [{ who: ANA, seq: 1, delivered: 2 }],
		});
		chat.typing = [];
		server.wake();
		await pass(10);
		expect(stream.get().typing).toEqual([]);
	});

	it("waits a moment before it takes somebody for gone: the next answer may be another server's", async () => {
		const { server, stream, pass } = await onLongPoll();
		const chat = server.chat("chat");
		const tell = async (presence: typeof chat.presence) => {
			chat.presence = presence;
			server.wake();
			await pass(1_500);
			return stream.get().presence;
		};
		const here = [{ who: ANA, online: true }];
		expect(await tell(here)).toEqual(here);
		expect(await tell([])).toEqual(here);
		expect(await tell(here)).toEqual(here);
		expect(await tell([])).toEqual(here);
		await pass(1_000);
		expect(stream.get().presence).toEqual([]);
	});

	it("does not ask more often than there is news", async () => {
		const { server, pass } = await onLongPoll();
		const before = server.requests.length;
		await pass(50_000);
		expect(server.requests.length - before).toBe(2);
	});

	it("sends in order, and shows each message once", async () => {
		const { server, stream, pass } = await onLongPoll();
		for (const body of ["a", "b", "c"]) stream.send(body);
		await pass(100);
		expect(bodies({ entries: server.chat("chat").entries })).toEqual(["a", "b", "c"]);
		expect(bodies(stream.get())).toEqual(["a", "b", "c"]);
		expect(stream.get().outbox).toEqual([]);
	});

	it("tries a send again whose answer was lost, with the same id", async () => {
		const { server, stream, pass } = await onLongPoll();
		server.acksLost = true;
		stream.send("once");
		await pass(100);
		server.acksLost = false;
		await pass(5_000);
		expect(bodies({ entries: server.chat("chat").entries })).toEqual(["once"]);
		expect(stream.get().outbox).toEqual([]);
	});

	it("obeys refusals as on a WebSocket", async () => {
		const { server, stream, pass } = await onLongPoll();
		server.refuse = ({ body }) =>
			body === "bad"
				? { code: "invalid", retryable: false }
				: { code: "rate_limited", retryable: true, retry_after_ms: 3_000 };
		stream.send("bad");
		stream.send("fast");
		await pass(100);
		expect(stream.get().outbox.map((item) => item.status)).toMatchObject([
			{ state: "failed", code: "invalid" },
			{ state: "queued", code: "rate_limited" },
		]);
		server.refuse = () => null;
		await pass(3_100);
		expect(bodies(stream.get())).toEqual(["fast"]);
	});

	it("follows sessions that are opened later, and tells those that are missing", async () => {
		const { server, client, pass } = await onLongPoll(new FakeServer("chat", "second"));
		server.say("second", "hi");
		const second = client.openSession("second");
		const nowhere = client.openSession("nowhere");
		await pass(10);
		expect(bodies(second.get())).toEqual(["hi"]);
		expect(nowhere.get().missing).toBe(true);
	});

	it("stops on a credential that opens nothing", async () => {
		const { server, client, pass } = makeWorld();
		server.upgradesFail = true;
		server.tokenRefused = true;
		client.start();
		await pass(60_000);
		expect(client.status.get()).toMatchObject({
			state: "stopped",
			stopped: { code: 4500, reason: "bad_credential" },
		});
	});

	it("comes back after the network was gone, and misses nothing", async () => {
		const { server, client, stream, pass } = await onLongPoll();
		server.unreachable = true;
		await pass(30_000);
		expect(client.status.get().state).toBe("reconnecting");
		server.say("chat", "meanwhile");
		server.unreachable = false;
		await pass(60_000);
		expect(client.status.get().state).toBe("online");
		expect(bodies(stream.get())).toEqual(["meanwhile"]);
	});

	it("gives WebSocket the next chance when long-poll does not come up either", async () => {
		const { server, platform, client, pass } = makeWorld();
		platform.chance = 0.1;
		server.unreachable = true;
		client.start();
		await pass(10_000);
		const polled = server.requests.length;
		expect(polled).toBeGreaterThan(1);
		expect(server.sockets.length).toBeGreaterThan(polled);
		server.unreachable = false;
		await pass(10_000);
		expect(client.status.get()).toMatchObject({ state: "online", transport: "websocket" });
	});

	it("learns who is here also when nothing was said since", async () => {
		const { server, platform, client, stream, pass } = await makeOpenWorld();
		server.chat("chat").presence = [{ who: ANA, online: true }];
		server.upgradesFail = true;
		platform.chance = 0;
		server.drop();
		await pass(1_000);
		expect(client.status.get().transport).toBe("long_poll");
		expect(stream.get().presence).toEqual([{ who: ANA, online: true }]);
	});

	it("takes no news of a session that was left meanwhile", async () => {
		const { server, stream, client, pass } = await onLongPoll();
		const heard: string[] = [];
		client.onEntry((_, entry) => heard.push(entry.body));
		stream.leave();
		server.say("chat", "too late");
		await pass(1_000);
		expect(heard).toEqual([]);
	});

	it("closes with the page, and comes back with it", async () => {
		const { server, client, platform, pass } = await onLongPoll();
		platform.page("pagehide");
		const before = server.requests.length;
		await pass(60_000);
		expect(server.requests).toHaveLength(before);
		platform.page("pageshow");
		await pass(100);
		expect(client.status.get()).toMatchObject({ state: "online", transport: "long_poll" });
	});
});

describe("climbing back", () => {
	it("tries a WebSocket every 60 s, and carries on meanwhile", async () => {
		const { server, client, pass } = await onLongPoll();
		const states: string[] = [];
		client.status.subscribe(({ state }) => states.push(state));
		await pass(120_000);
		expect(server.sockets).toHaveLength(4);
		expect(client.status.get().transport).toBe("long_poll");
		expect(states).toEqual([]);
	});

	it("loses and doubles nothing on the way", async () => {
		const { server, client, stream, pass } = await onLongPoll();
		const heard: string[] = [];
		client.onEntry((_, entry) => heard.push(entry.body));
		server.upgradesFail = false;
		const expected: string[] = [];
		for (let i = 0; i < 80; i++) {
			expected.push(`them ${i}`, `us ${i}`);
			server.say("chat", `them ${i}`);
			await pass(1);
			stream.send(`us ${i}`);
			await pass(999);
		}
		expect(client.status.get()).toMatchObject({ state: "online", transport: "websocket" });
		expect(bodies({ entries: server.chat("chat").entries })).toEqual(expected);
		expect(bodies(stream.get())).toEqual(expected);
		expect(heard).toEqual(expected);
		expect(stream.get().outbox).toEqual([]);
		const requests = server.requests.length;
		await pass(60_000);
		expect(server.requests).toHaveLength(requests);
	});

	it("sends again what was under way when the transport changed", async () => {
		const { server, client, stream, pass } = await onLongPoll();
		server.upgradesFail = false;
		await pass(56_000);
		server.acksLost = true;
		stream.send("in between");
		await pass(5_000);
		server.acksLost = false;
		await pass(20_000);
		expect(client.status.get().transport).toBe("websocket");
		expect(bodies({ entries: server.chat("chat").entries })).toEqual(["in between"]);
		expect(bodies(stream.get())).toEqual(["in between"]);
		expect(stream.get().outbox).toEqual([]);
	});

	it("looks at once when the network changed", async () => {
		const { server, client, platform, pass } = await onLongPoll();
		server.upgradesFail = false;
		platform.page("online");
		await pass(100);
		expect(client.status.get().transport).toBe("websocket");
	});

	it("tries a WebSocket first on a network that has come back", async () => {
		const { server, platform, client, pass } = await onLongPoll();
		server.unreachable = true;
		platform.page("offline");
		await pass(10_000);
		expect(client.status.get().state).toBe("reconnecting");
		server.unreachable = false;
		server.upgradesFail = false;
		platform.page("online");
		await pass(100);
		expect(client.status.get()).toMatchObject({ state: "online", transport: "websocket" });
	});

	it("stops when the WebSocket says so", async () => {
		const { server, client, pass } = await onLongPoll();
		server.upgradesFail = false;
		server.turnAway = { code: 4504, reason: "blocked", retry_after_ms: 0 };
		await pass(61_000);
		expect(client.status.get()).toMatchObject({
			state: "stopped",
			stopped: { code: 4504, reason: "blocked" },
		});
		const requests = server.requests.length;
		await pass(120_000);
		expect(server.requests).toHaveLength(requests);
	});

	it("lets go of a view that is gone, and of filters that cannot be asked for", async () => {
		const { server, client, stream, pass } = await onLongPoll();
		const gone = "0193aaaa-0000-7000-8000-000000000001";
		const lists = [gone, "all" as const, { tag: "bad" }].map((view) => client.watch(view, 0));
		let told = 0;
		client.onViews(() => {
			told += 1;
		});
		server.goneView = gone;
		await pass(1_000);
		expect(client.status.get()).toMatchObject({ state: "online", transport: "long_poll" });
		expect(told).toBe(1);
		expect(lists.map((list) => list.get().refused)).toEqual(["not_found", null, "invalid"]);
		expect(server.polledViews).toEqual([{ view: "all", limit: 0 }]);
		server.say("chat", "still here");
		await pass(10);
		expect(bodies(stream.get())).toEqual(["still here"]);
	});
});

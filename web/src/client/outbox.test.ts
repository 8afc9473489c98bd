import { describe, expect, it } from "vitest";
import { ANA, makeEvent } from "../testing/make.js";
import { deniedStore, MemoryStore } from "../testing/platform.js";
import { FakeServer } from "../testing/server.js";
import { bodies, makeOpenWorld, makeWorld } from "../testing/world.js";
import type { SessionStream } from "./api.js";
import { createClient } from "./client.js";

const states = (stream: SessionStream): string[] =>
	stream.get().outbox.map((item) => `${item.body}:${item.status.state}`);

describe("sending", () => {
	it("shows an item at once, and puts the entry in its place", async () => {
		const { server, stream, pass } = await makeOpenWorld();
		const id = stream.send("hello");
		expect(states(stream)).toEqual(["hello:sending"]);
		await pass();
		expect(states(stream)).toEqual([]);
		expect(stream.get().entries.at(-1)).toMatchObject({ id, body: "hello" });
		expect(server.chat("chat").entries).toHaveLength(2);
	});

	it("shows what is acked as sent until the entry comes", async () => {
		const { server, stream, pass } = await makeOpenWorld();
		for (const socket of server.live) socket.follows.clear();
		stream.send("hello");
		await pass();
		expect(states(stream)).toEqual(["hello:sent"]);
		server.tell({ type: "entry", session: "chat", entry: server.chat("chat").entries[1] ?? fail() });
		await pass();
		expect(states(stream)).toEqual([]);
		expect(bodies(stream.get())).toEqual(["hello"]);
	});

	it("keeps the order with one under way at a time", async () => {
		const { server, stream, pass } = await makeOpenWorld();
		server.acksLost = true;
		for (const socket of server.live) socket.follows.clear();
		for (const body of ["a", "b", "c"]) stream.send(body);
		await pass();
		expect(states(stream)).toEqual(["a:sending", "b:queued", "c:queued"]);
		expect(server.got("send")).toHaveLength(1);
		server.acksLost = false;
		server.drop();
		await pass(2_000);
		expect(bodies({ entries: server.chat("chat").entries })).toEqual(["a", "b", "c"]);
		expect(states(stream)).toEqual([]);
	});

	it("does not wait for an entry that lies further back than what was fetched", async () => {
		const storage = new MemoryStore();
		const server = new FakeServer("chat");
		server.page = 5;
		const before = await makeOpenWorld({ server, storage, prefix: "old" });
		server.acksLost = true;
		for (const socket of server.live) socket.follows.clear();
		before.stream.send("long ago");
		await before.pass(10);
		before.client.stop();
		expect(storage.pairs.size).toBe(1);
		for (let i = 0; i < 20; i++) server.say("chat", `m${i}`);
		server.acksLost = false;
		const after = await makeOpenWorld({ server, storage, prefix: "new" });
		expect(states(after.stream)).toEqual([]);
		expect(server.chat("chat").entries.filter((entry) => entry.body === "long ago")).toHaveLength(1);
	});

	it("forgets what is shown as sent when the store has lost it", async () => {
		const { server, stream, pass } = await makeOpenWorld();
		server.say("chat", "before");
		await pass();
		for (const socket of server.live) socket.follows.clear();
		stream.send("lost");
		await pass();
		expect(states(stream)).toEqual(["lost:sent"]);
		server.epoch = "epoch-2";
		server.chat("chat").entries = [makeEvent(1, { type: "started", channel: "web" })];
		server.drop();
		await pass(2_000);
		expect(states(stream)).toEqual([]);
	});

	it("does not show what was sent after leaving when the session is opened again", async () => {
		const { server, client, stream, pass } = await makeOpenWorld();
		server.unreachable = true;
		server.drop();
		await pass(100);
		stream.send("goodbye");
		stream.leave();
		server.unreachable = false;
		await pass(5_000);
		const again = client.openSession("chat");
		expect(again.get().outbox).toEqual([]);
		await pass();
		expect(bodies(again.get())).toEqual(["goodbye"]);
	});

	it("asks again when an answer does not come, and is not stored twice", async () => {
		const { server, stream, pass } = await makeOpenWorld();
		server.acksLost = true;
		for (const socket of server.live) socket.follows.clear();
		stream.send("once");
		await pass(15_000);
		server.acksLost = false;
		await pass(5_000);
		expect(server.got("send").length).toBeGreaterThan(1);
		expect(new Set(server.got("send").map((frame) => frame.id)).size).toBe(1);
		expect(bodies({ entries: server.chat("chat").entries })).toEqual(["once"]);
		expect(states(stream)).toEqual(["once:sent"]);
	});

	it("sends what was written while disconnected once, in order", async () => {
		const { server, stream, pass } = await makeOpenWorld();
		server.unreachable = true;
		server.drop();
		await pass(1_000);
		for (const body of ["a", "b", "c"]) stream.send(body);
		expect(states(stream)).toEqual(["a:queued", "b:queued", "c:queued"]);
		await pass(20_000);
		server.unreachable = false;
		await pass(40_000);
		expect(bodies({ entries: server.chat("chat").entries })).toEqual(["a", "b", "c"]);
		expect(bodies(stream.get())).toEqual(["a", "b", "c"]);
		expect(states(stream)).toEqual([]);
	});

	it("does not double what was stored when the connection broke before the ack", async () => {
		const { server, stream, pass } = await makeOpenWorld();
		server.acksLost = true;
		const id = stream.send("hello");
		await pass(1);
		server.drop();
		server.acksLost = false;
		await pass(2_000);
		expect(stream.get().entries.filter((entry) => entry.id === id)).toHaveLength(1);
		expect(bodies({ entries: server.chat("chat").entries })).toEqual(["hello"]);
		expect(states(stream)).toEqual([]);
	});

	it("marks a refused item, goes on with the next, and can retry or discard it", async () => {
		const { server, stream, pass } = await makeOpenWorld();
		server.refuse = ({ body }) => (body.startsWith("bad") ? { code: "invalid", retryable: false } : null);
		const first = stream.send("bad 1");
		const second = stream.send("bad 2");
		stream.send("good");
		await pass();
		expect(states(stream)).toEqual(["bad 1:failed", "bad 2:failed"]);
		expect(bodies(stream.get())).toEqual(["good"]);
		server.refuse = () => null;
		stream.discard(second);
		stream.retry(first);
		await pass();
		expect(states(stream)).toEqual([]);
		expect(bodies(stream.get())).toEqual(["good", "bad 1"]);
	});

	it("waits as long as it is told when it was too fast", async () => {
		const { server, platform, stream, pass } = await makeOpenWorld();
		server.refuse = () => ({ code: "rate_limited", retryable: true, retry_after_ms: 8_000 });
		stream.send("a");
		stream.send("b");
		await pass();
		const [first] = stream.get().outbox;
		expect(first?.status).toMatchObject({ state: "queued", code: "rate_limited" });
		expect(first?.status.state === "queued" && (first.status.retryAt ?? 0) - platform.now()).toBeGreaterThan(
			7_000,
		);
		server.refuse = () => null;
		await pass(7_000);
		expect(server.got("send")).toHaveLength(1);
		await pass(1_500);
		expect(bodies(stream.get())).toEqual(["a", "b"]);
	});

	it("does not send a frame that would cost the connection", async () => {
		const { server, client, stream, pass } = await makeOpenWorld();
		stream.send("ü".repeat(40_000));
		stream.send("short");
		await pass();
		expect(stream.get().outbox[0]?.status).toMatchObject({ state: "failed", code: "too_large" });
		expect(bodies(stream.get())).toEqual(["short"]);
		expect(client.status.get().state).toBe("online");
		expect(server.sockets).toHaveLength(1);
	});

	it("still sends what was written in a session that was left", async () => {
		const { server, stream, pass } = await makeOpenWorld();
		server.unreachable = true;
		server.drop();
		await pass(100);
		stream.send("goodbye");
		stream.leave();
		server.unreachable = false;
		await pass(5_000);
		expect(bodies({ entries: server.chat("chat").entries })).toEqual(["goodbye"]);
	});
});

describe("persistence", () => {
	it("carries unsent items over a reload, before what is written then", async () => {
		const storage = new MemoryStore();
		const server = new FakeServer("chat");
		const before = await makeOpenWorld({ server, storage, prefix: "old" });
		server.unreachable = true;
		server.drop();
		await before.pass(100);
		before.stream.send("a");
		before.stream.send("b");
		await before.pass(0);
		expect(storage.pairs.size).toBe(2);
		before.client.stop();

		server.unreachable = false;
		const after = makeWorld({ server, storage, prefix: "new" });
		const stream = after.client.openSession("chat");
		after.client.start();
		stream.send("c");
		await after.pass();
		expect(bodies({ entries: server.chat("chat").entries })).toEqual(["a", "b", "c"]);
		expect(storage.pairs.size).toBe(0);
	});

	it("sends what is left of sessions that nobody opens", async () => {
		const storage = new MemoryStore();
		const server = new FakeServer("chat", "other");
		const before = await makeOpenWorld({ server, storage, prefix: "old" });
		server.unreachable = true;
		server.drop();
		await before.pass(100);
		before.stream.send("left behind");
		await before.pass(0);
		before.client.stop();
		server.unreachable = false;
		const after = makeWorld({ server, storage, prefix: "new" });
		after.client.start();
		await after.pass();
		expect(bodies({ entries: server.chat("chat").entries })).toEqual(["left behind"]);
	});

	it("keeps a refusal as a refusal", async () => {
		const storage = new MemoryStore();
		const server = new FakeServer("chat");
		server.refuse = () => ({ code: "forbidden", retryable: false });
		const before = await makeOpenWorld({ server, storage });
		before.stream.send("no");
		await before.pass();
		before.client.stop();
		server.refuse = () => null;
		const after = await makeOpenWorld({ server, storage, prefix: "new" });
		expect(states(after.stream)).toEqual(["no:failed"]);
		expect(server.chat("chat").entries).toHaveLength(1);
		after.stream.discard(after.stream.get().outbox[0]?.id ?? "");
		await after.pass();
		expect(storage.pairs.size).toBe(0);
	});

	it("does not send one agent's words as another's", async () => {
		const storage = new MemoryStore();
		const server = new FakeServer("chat");
		const before = await makeOpenWorld({ server, storage, client: { owner: "agent/1" } });
		server.unreachable = true;
		server.drop();
		await before.pass(100);
		before.stream.send("mine");
		await before.pass(0);
		before.client.stop();
		server.unreachable = false;
		const after = await makeOpenWorld({ server, storage, client: { owner: "agent" } });
		expect(states(after.stream)).toEqual([]);
	});

	it("works without storage", async () => {
		const { server, stream, pass } = await makeOpenWorld({ storage: deniedStore });
		server.unreachable = true;
		server.drop();
		await pass(100);
		stream.send("kept in memory");
		server.unreachable = false;
		await pass(5_000);
		expect(bodies(stream.get())).toEqual(["kept in memory"]);
	});

	it("waits for a storage that is slow, so that what is older goes first", async () => {
		const storage = new MemoryStore();
		const server = new FakeServer("chat");
		const before = await makeOpenWorld({ server, storage, prefix: "old" });
		server.unreachable = true;
		server.drop();
		await before.pass(100);
		before.stream.send("older");
		await before.pass(0);
		before.client.stop();
		server.unreachable = false;
		const after = makeWorld({ server, storage, prefix: "new" });
		const list = storage.list.bind(storage);
		storage.list = (prefix) =>
			new Promise((resolve) => after.platform.after(1_000, () => resolve(list(prefix))));
		const stream = after.client.openSession("chat");
		after.client.start();
		await after.pass(100);
		stream.send("newer");
		await after.pass(500);
		expect(states(stream)).toEqual(["newer:queued"]);
		await after.pass(1_000);
		expect(bodies({ entries: server.chat("chat").entries })).toEqual(["older", "newer"]);
	});

	it("sends what a storage that is very slow brings after all", async () => {
		const storage = new MemoryStore();
		const server = new FakeServer("chat");
		const before = await makeOpenWorld({ server, storage, prefix: "old" });
		server.unreachable = true;
		server.drop();
		await before.pass(100);
		before.stream.send("older");
		await before.pass(0);
		before.client.stop();
		server.unreachable = false;
		const after = makeWorld({ server, storage, prefix: "new" });
		const list = storage.list.bind(storage);
		storage.list = async (prefix) => {
			const pairs = await list(prefix);
			await new Promise<void>((resolve) => after.platform.after(9_000, resolve));
			return pairs;
		};
		const stream = after.client.openSession("chat");
		after.client.start();
		stream.send("newer");
		await after.pass(3_000);
		expect(bodies({ entries: server.chat("chat").entries })).toEqual(["newer"]);
		await after.pass(7_000);
		expect(bodies({ entries: server.chat("chat").entries })).toEqual(["newer", "older"]);
		expect(storage.pairs.size).toBe(0);
	});

	it("does not wait for a storage that hangs", async () => {
		const hanging = { ...deniedStore, list: () => new Promise<never>(() => undefined) };
		const { stream, pass } = await makeOpenWorld({ storage: hanging });
		stream.send("hello");
		await pass(2_500);
		expect(bodies(stream.get())).toEqual(["hello"]);
	});

	it("stores a message once when two tabs send it", async () => {
		const storage = new MemoryStore();
		const server = new FakeServer("chat");
		const one = await makeOpenWorld({ server, storage, prefix: "one" });
		server.unreachable = true;
		server.drop();
		await one.pass(100);
		one.stream.send("hello");
		await one.pass(0);
		const two = makeWorld({ server, storage, prefix: "two" });
		const stream = two.client.openSession("chat");
		two.client.start();
		await two.pass(0);
		server.unreachable = false;
		await Promise.all([one.pass(5_000), two.pass(5_000)]);
		expect(bodies({ entries: server.chat("chat").entries })).toEqual(["hello"]);
		expect(states(one.stream)).toEqual([]);
		expect(states(stream)).toEqual([]);
	});
});

describe("a chat that was closed", () => {
	it("goes on in another session, with all that was still to be said", async () => {
		const { server, client, stream, pass } = await makeOpenWorld();
		server.chat("chat").change({ status: "closed" });
		for (const body of ["again", "and", "again"]) stream.send(body);
		await pass();
		expect(stream.get()).toMatchObject({ continuedBy: "chat-next", outbox: [] });
		const next = client.openSession("chat-next");
		expect(bodies(next.get())).toEqual(["again", "and", "again"]);
		expect(next.get().outbox).toEqual([]);
		stream.send("through the old one");
		await pass();
		expect(bodies(next.get()).at(-1)).toBe("through the old one");
	});

	it("is followed there also when another tab began it", async () => {
		const { server, client, stream, pass } = await makeOpenWorld();
		const other = await makeOpenWorld({ server, prefix: "other" });
		server.chat("chat").change({ status: "closed" });
		other.stream.send("from there");
		await Promise.all([other.pass(), pass()]);
		await pass();
		expect(stream.get().continuedBy).toBe("chat-next");
		expect(bodies(client.openSession("chat-next").get())).toEqual(["from there"]);
	});

	it("is acked with what the first try got, when that answer was lost", async () => {
		const { server, client, stream, pass } = await makeOpenWorld();
		server.chat("chat").change({ status: "closed" });
		server.acksLost = true;
		for (const socket of server.live) socket.follows.clear();
		stream.send("again");
		await pass(10);
		server.acksLost = false;
		server.drop();
		await pass(3_000);
		expect(stream.get()).toMatchObject({ continuedBy: "chat-next", outbox: [] });
		expect(bodies(client.openSession("chat-next").get())).toEqual(["again"]);
		expect([...server.chats.keys()]).toEqual(["chat", "chat-next"]);
	});

	it("is not followed onwards by an agent who reads it", async () => {
		const server = new FakeServer("chat", "later");
		server.you = ANA;
		server.append("chat", (seq) => makeEvent(seq, { type: "continued", session_id: "later" }));
		const { client, platform } = makeWorld({ server });
		client.stop();
		const agent = createClient({
			baseUrl: "http://server.test",
			owner: ANA.id,
			platform,
			clientName: "test",
		});
		const stream = agent.openSession("chat");
		agent.start();
		await platform.clock.advance(100);
		expect(stream.get().continuedBy).toBe("later");
		expect(server.got("hello")[0]).not.toHaveProperty("token");
		expect(server.got("open")).toEqual([]);
		stream.send("to the old one");
		await platform.clock.advance(100);
		expect(server.got("send").map((frame) => frame.session)).toEqual(["chat"]);
	});

	it("leaves both when it is left", async () => {
		const { server, stream, pass } = await makeOpenWorld();
		server.chat("chat").change({ status: "closed" });
		stream.send("again");
		await pass();
		stream.leave();
		await pass();
		expect(
			server
				.got("leave")
				.map((frame) => frame.session)
				.sort(),
		).toEqual(["chat", "chat-next"]);
	});
});

function fail(): never {
	throw new Error("not there");
}

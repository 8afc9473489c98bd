import { describe, expect, it } from "vitest";
import { makeEvent, makeMessage } from "../testing/make.js";
import { FakeServer } from "../testing/server.js";
import { bodies, makeOpenWorld, makeWorld } from "../testing/world.js";

const seqs = (stream: { get(): { entries: readonly { seq: number }[] } }): number[] =>
	stream.get().entries.map((entry) => entry.seq);

describe("following a session", () => {
	it("begins with the last page and goes on live", async () => {
		const server = new FakeServer("chat");
		server.page = 3;
		for (let i = 0; i < 5; i++) server.say("chat", `m${i}`);
		const { stream, pass } = await makeOpenWorld({ server });
		expect(seqs(stream)).toEqual([4, 5, 6]);
		expect(stream.get()).toMatchObject({ more: true, loading: null, missing: false });
		server.say("chat", "live");
		await pass();
		expect(bodies(stream.get()).at(-1)).toBe("live");
	});

	it("goes on from what is known already", async () => {
		const server = new FakeServer("chat");
		server.say("chat", "known");
		const { client, pass } = makeWorld({ server });
		const { summary: session, entries } = server.chat("chat");
		const stream = client.openSession("chat", {
			known: { session, entries: [...entries], epoch: server.epoch },
		});
		expect(stream.get()).toMatchObject({ loading: null, more: false, summary: { id: "chat" } });
		expect(bodies(stream.get())).toEqual(["known"]);
		server.say("chat", "new");
		client.start();
		await pass();
		expect(server.got("hello")[0]?.sessions).toEqual([{ id: "chat", after: 2, epoch: "epoch-1" }]);
		expect(bodies(stream.get())).toEqual(["known", "new"]);
	});

	it("resumes after the last entry seen, in the store it came from", async () => {
		const { server, stream, pass } = await makeOpenWorld();
		server.say("chat", "one");
		await pass();
		server.drop();
		server.say("chat", "missed");
		await pass(2_000);
		expect(server.got("hello")[1]?.sessions).toEqual([{ id: "chat", after: 2, epoch: "epoch-1" }]);
		expect(bodies(stream.get())).toEqual(["one", "missed"]);
	});

	it("takes long gaps in pieces", async () => {
		const { server, stream, pass } = await makeOpenWorld();
		server.page = 5;
		server.drop();
		for (let i = 0; i < 23; i++) server.say("chat", `m${i}`);
		await pass(2_000);
		expect(seqs(stream)).toEqual(Array.from({ length: 24 }, (_, i) => i + 1));
	});

	it("shows each entry once, by seq, however it comes", async () => {
		const { server, stream, pass } = await makeOpenWorld();
		const told: number[] = [];
		stream.subscribe(({ entries }) => told.push(entries.length));
		for (const seq of [3, 2, 3, 2, 5]) {
			server.tell({ type: "entry", session: "chat", entry: makeMessage(seq, `m${seq}`) }, "chat");
		}
		await pass();
		expect(seqs(stream)).toEqual([1, 2, 3, 5]);
		expect(told.at(-1)).toBe(4);
	});

	it("does not wait for holes, which are what it may not see", async () => {
		const { server, stream, pass } = await makeOpenWorld();
		server.tell({ type: "entry", session: "chat", entry: makeMessage(7, "after notes") }, "chat");
		await pass();
		expect(seqs(stream)).toEqual([1, 7]);
		server.drop();
		await pass(2_000);
		expect(server.got("hello")[1]?.sessions?.[0]?.after).toBe(7);
	});

	it("forgets what it has when the cursor cannot be served", async () => {
		const { server, stream, pass } = await makeOpenWorld();
		server.say("chat", "lost with the old store");
		server.say("chat", "lost as well");
		await pass();
		server.drop();
		server.epoch = "epoch-2";
		server.chat("chat").entries = [makeEvent(1, { type: "started", channel: "web" })];
		server.say("chat", "of the new store");
		await pass(2_000);
		expect(bodies(stream.get())).toEqual(["of the new store"]);
		server.drop();
		await pass(2_000);
		expect(server.got("hello")[2]?.sessions).toEqual([{ id: "chat", after: 2, epoch: "epoch-2" }]);
	});

	it("fetches history by pages", async () => {
		const server = new FakeServer("chat");
		for (let i = 0; i < 119; i++) server.say("chat", `m${i}`);
		const { stream, pass } = await makeOpenWorld({ server });
		expect(seqs(stream)[0]).toBe(71);
		const first = stream.loadOlder();
		expect(stream.get().loading).toBe("older");
		await pass(0);
		await first;
		expect(stream.get()).toMatchObject({ loading: null, more: true });
		await Promise.all([stream.loadOlder(), stream.loadOlder(), pass(0)]);
		expect(seqs(stream)).toEqual(Array.from({ length: 120 }, (_, i) => i + 1));
		expect(stream.get().more).toBe(false);
		expect(server.requests).toHaveLength(2);
	});

	it("drops a page of history that belongs to the store before", async () => {
		const server = new FakeServer("chat");
		for (let i = 0; i < 80; i++) server.say("chat", `m${i}`);
		const { platform, stream, pass } = await makeOpenWorld({ server });
		const { fetch } = platform;
		platform.fetch = async (url, init) => {
			const answer = await fetch(url, init);
			await new Promise<void>((resolve) => platform.after(1_500, resolve));
			return answer;
		};
		const page = stream.loadOlder();
		await pass(0);
		server.drop();
		server.epoch = "epoch-2";
		server.chat("chat").entries = [makeEvent(1, { type: "started", channel: "web" })];
		await pass(1_000);
		expect(stream.get()).toMatchObject({ loading: "older", entries: server.chat("chat").entries });
		await pass(1_000);
		await page;
		expect(stream.get()).toMatchObject({ loading: null, entries: server.chat("chat").entries });
	});

	it("asks again for a session that could not be opened for the moment", async () => {
		const server = new FakeServer("chat");
		server.storeDown = true;
		server.say("chat", "hello");
		const { client, stream, pass } = await makeOpenWorld({ server });
		const list = client.watch("all");
		await pass();
		expect([stream.get().loading, list.get().loading]).toEqual(["first", true]);
		server.storeDown = false;
		await pass(3_000);
		expect(bodies(stream.get())).toEqual(["hello"]);
		expect(list.get()).toMatchObject({ loading: false, total: 1 });
		expect(server.sockets).toHaveLength(1);
	});

	it("ignores frames that it does not know", async () => {
		const { server, client, stream, pass } = await makeOpenWorld();
		for (const text of ["not json", "[]", "null", '{"type":"queue","session":"chat"}', '{"type":1}']) {
			server.live[0]?.onmessage?.(text);
		}
		server.live[0]?.onmessage?.(new ArrayBuffer(4));
		server.say("chat", "hello");
		await pass();
		expect(bodies(stream.get())).toEqual(["hello"]);
		expect(client.status.get().state).toBe("online");
	});

	it("says when a session is not there", async () => {
		const { client, pass } = await makeOpenWorld();
		const stream = client.openSession("elsewhere");
		await pass();
		expect(stream.get()).toMatchObject({ missing: true, loading: null });
	});

	it("follows a session as long as anybody holds it", async () => {
		const { server, client, stream, pass } = await makeOpenWorld();
		const again = client.openSession("chat");
		stream.leave();
		stream.leave();
		server.say("chat", "hello");
		await pass();
		expect(bodies(again.get())).toEqual(["hello"]);
		again.leave();
		await pass();
		expect(server.got("leave")).toHaveLength(1);
	});

	it("tells live entries, and only those, the moment they come", async () => {
		const server = new FakeServer("chat");
		server.say("chat", "before");
		const { client, stream, pass } = await makeOpenWorld({ server });
		const heard: string[] = [];
		client.onEntry((_, entry) => heard.push(entry.body));
		server.say("chat", "now");
		await pass();
		expect(heard).toEqual(["now"]);
		expect(stream.get().entries).toHaveLength(3);
	});
});

describe("signals", () => {
	it("shows typing until it is told off, the words come, or 6 s pass", async () => {
		const { server, stream, pass } = await makeOpenWorld();
		const who = { kind: "agent", id: "agent-1", name: "Ana" } as const;
		const type = (on: boolean) => server.tell({ type: "typing", session: "chat", who, on }, "chat");
		type(true);
		await pass(3_000);
		type(true);
		await pass(5_900);
		expect(stream.get().typing).toEqual([who]);
		await pass(200);
		expect(stream.get().typing).toEqual([]);
		type(true);
		await pass();
		server.say("chat", "there");
		await pass();
		expect(stream.get().typing).toEqual([]);
	});

	it("does not show us to ourselves", async () => {
		const { server, stream, pass } = await makeOpenWorld();
		const who = { kind: "customer", id: "contact-1" } as const;
		server.tell({ type: "typing", session: "chat", who, on: true }, "chat");
		server.tell({ type: "presence", session: "chat", who, online: true }, "chat");
		await pass();
		expect(stream.get()).toMatchObject({ typing: [], presence: [] });
	});

	it("sends typing at most every 3 s, and off after 5 s or with the message", async () => {
		const { server, stream, pass } = await makeOpenWorld();
		for (let i = 0; i < 40; i++) {
			stream.typing(true);
			await pass(100);
		}
		expect(server.got("typing").map((frame) => frame.on)).toEqual([true, true]);
		await pass(5_000);
		expect(server.got("typing").map((frame) => frame.on)).toEqual([true, true, false]);
		stream.typing(true);
		stream.send("done");
		await pass();
		expect(server.got("typing").map((frame) => frame.on)).toEqual([true, true, false, true, false]);
	});

	it("tells anew of writing that began before the last words had come", async () => {
		const { server, stream, pass } = await makeOpenWorld();
		const told = () => server.got("typing").map((frame) => frame.on);
		stream.typing(true);
		stream.send("one");
		stream.typing(true);
		await pass();
		expect(told()).toEqual([true, false, true, true]);
		stream.send("two");
		await pass();
		expect(told()).toEqual([true, false, true, true, false]);
	});

	it("reports what was read once, never backwards, and again when that may be lost", async () => {
		const { server, stream, pass } = await makeOpenWorld();
		server.say("chat", "one");
		server.say("chat", "two");
		await pass();
		stream.read(3);
		stream.read(2);
		stream.read(3);
		await pass();
		expect(server.got("read")).toEqual([{ type: "read", session: "chat", seq: 3 }]);
		server.drop();
		await pass(2_000);
		expect(server.got("read")).toHaveLength(2);
	});

	it("keeps the furthest read position of each party, and the newest of what was handed over", async () => {
		const { server, stream, pass } = await makeOpenWorld();
		const who = { kind: "agent", id: "agent-1" } as const;
		server.tell({ type: "receipt", session: "chat", who, seq: 4, delivered: 6 }, "chat");
		server.tell({ type: "receipt", session: "chat", who, seq: 2, delivered: 4 }, "chat");
		await pass();
		expect(stream.get().receipts).toEqual(
			[{ who, seq: 4, delivered: 4, type: "receipt" }].map(({ type: _, ...r }) => r),
		);
	});

	it("forgets who was here when the connection has been gone for a while", async () => {
		const { server, stream, pass } = await makeOpenWorld();
		const who = { kind: "agent", id: "agent-1", name: "Ana" } as const;
		server.tell({ type: "presence", session: "chat", who, online: true }, "chat");
		await pass();
		expect(stream.get().presence).toEqual([{ who, online: true }]);
		server.unreachable = true;
		server.drop();
		await pass(1_900);
		expect(stream.get().presence).toEqual([{ who, online: true }]);
		await pass(200);
		expect(stream.get().presence).toEqual([]);
	});

	it("takes those who were here to be here still, unless the next server does not say so", async () => {
		const { server, stream, platform, pass } = await makeOpenWorld();
		const [who, other] = ["agent-1", "agent-2"].map((id) => ({ kind: "agent", id, name: id }) as const);
		if (who === undefined || other === undefined) throw new Error("two");
		const here = (party: typeof who) =>
			server.tell({ type: "presence", session: "chat", who: party, online: true }, "chat");
		here(who);
		here(other);
		await pass();
		platform.chance = 0;
		server.bye(1012, "restart", 1_000);
		await pass(100);
		expect(stream.get().presence.map(({ who }) => who.id)).toEqual(["agent-1", "agent-2"]);
		here(who);
		await pass(1_800);
		expect(stream.get().presence.map(({ who }) => who.id)).toEqual(["agent-1", "agent-2"]);
		await pass(200);
		expect(stream.get().presence.map(({ who }) => who.id)).toEqual(["agent-1"]);
	});

	it("knows from an entry what it changes, until a summary says it", async () => {
		const { server, stream, pass } = await makeOpenWorld();
		const ana = { id: "agent-1", name: "Ana" };
		server.append("chat", (seq) => makeEvent(seq, { type: "assigned", agent: ana }));
		server.append("chat", (seq) =>
			makeEvent(seq, { type: "status_changed", from: "open", to: "in_progress" }),
		);
		await pass();
		expect(stream.get().summary).toMatchObject({ assignee: ana, status: "in_progress", last_seq: 3 });
		server.append("chat", (seq) => makeEvent(seq, { type: "closed", from: "in_progress" }));
		await pass();
		expect(stream.get().summary?.status).toBe("closed");
		server.drop();
		await pass(2_000);
		expect(stream.get().summary).toMatchObject({ assignee: null, status: "open" });
	});

	it("does not take an older entry for a change", async () => {
		const { server, stream, pass } = await makeOpenWorld();
		const { summary } = server.chat("chat");
		server.tell({ type: "session", session: { ...summary, version: 5, last_seq: 9, status: "resolved" } });
		const entry = makeEvent(4, { type: "status_changed", from: "open", to: "in_progress" });
		server.tell({ type: "entry", session: "chat", entry }, "chat");
		await pass();
		expect(stream.get().summary?.status).toBe("resolved");
	});

	it("never replaces a summary by an older one", async () => {
		const { server, client, stream, pass } = await makeOpenWorld();
		const { summary } = server.chat("chat");
		server.tell({ type: "session", session: { ...summary, version: 9, status: "resolved" } });
		server.tell({ type: "session", session: { ...summary, version: 8, status: "in_progress" } });
		await pass();
		expect(stream.get().summary?.status).toBe("resolved");
		expect(client.sessions.get()[0]?.status).toBe("resolved");
	});
});

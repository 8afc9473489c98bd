import { describe, expect, it } from "vitest";
import { ANA, makeSummary } from "../testing/make.js";
import { makeWorld } from "../testing/world.js";
import { List, viewKey } from "./list.js";

const you = { ...ANA, role: "agent" } as const;
const at = (minute: number): string => `2026-01-05T09:${String(minute).padStart(2, "0")}:00.000Z`;
const ids = (list: List): string[] => list.snapshot.get().sessions.map((session) => session.id);

describe("a list", () => {
	it("takes in what belongs to it, and lets go of what does no more", () => {
		const mine = new List("mine", 10);
		const free = new List("unassigned", 10);
		for (const list of [mine, free]) list.listed([], 0, false, "recent");
		const before = makeSummary("a", { version: 2 });
		const after = makeSummary("a", { version: 3, assignee: { id: ANA.id, name: ANA.name } });
		for (const list of [mine, free]) list.summary(before, you);
		expect([ids(mine), ids(free)]).toEqual([[], ["a"]]);
		for (const list of [mine, free]) list.summary(after, you);
		expect([ids(mine), ids(free)]).toEqual([["a"], []]);
		for (const list of [mine, free]) list.summary({ ...after, version: 4, status: "closed" }, you);
		expect([ids(mine), ids(free)]).toEqual([[], []]);
		expect(mine.snapshot.get().total).toBe(0);
	});

	it("keeps what is put aside in a list of its own, until it is resolved or taken up again", () => {
		const until = { snoozed_until: "2026-01-06T09:00:00.000Z", waiting_since: at(0) };
		const views = ["mine", "unassigned", "waiting", "snoozed", "all"] as const;
		const lists = views.map((view) => new List(view, 10));
		const holding = (change: Parameters<typeof makeSummary>[1]) => {
			for (const list of lists) {
				list.listed([], 0, false, "recent");
				list.summary(makeSummary("a", change), you);
			}
			return lists.filter((list) => ids(list).length > 0).map(({ view }) => view);
		};
		const held = { assignee: { id: ANA.id, name: ANA.name } };
		expect(holding({ ...until })).toEqual(["snoozed", "all"]);
		expect(holding({ ...until, ...held })).toEqual(["snoozed", "all"]);
		expect(holding({ ...until, snoozed_until: null })).toEqual(["unassigned", "waiting", "all"]);
		expect(holding({ ...until, ...held, snoozed_until: null })).toEqual(["mine", "waiting", "all"]);
		expect(holding({ ...until, status: "resolved" })).toEqual(["all"]);
	});

	it("never goes back to an older summary", () => {
		const all = new List("all", 10);
		all.listed([makeSummary("a", { version: 5, unread: 1 })], 1, false, "recent");
		all.summary(makeSummary("a", { version: 4, unread: 0 }), you);
		expect(all.snapshot.get().sessions[0]?.unread).toBe(1);
	});

	it("puts the longest waiting first, or the last changed", () => {
		const waiting = new List("waiting", 10);
		const all = new List("all", 10);
		const sessions = [7, 3, 5].map((minute) =>
			makeSummary(`s${minute}`, { waiting_since: at(minute), updated_at: at(minute) }),
		);
		waiting.listed(sessions, 3, false, "waiting");
		all.listed(sessions, 3, false, "recent");
		expect(ids(waiting)).toEqual(["s3", "s5", "s7"]);
		expect(ids(all)).toEqual(["s7", "s5", "s3"]);
	});

	it("stays within its limit, and does not guess beyond its end", () => {
		const all = new List("all", 2);
		const first = [makeSummary("b", { updated_at: at(5) }), makeSummary("c", { updated_at: at(4) })];
		all.listed(first, 3, true, "recent");
		all.summary(makeSummary("old", { updated_at: at(1) }), you);
		expect(ids(all)).toEqual(["b", "c"]);
		all.summary(makeSummary("new", { updated_at: at(9) }), you);
		expect(ids(all)).toEqual(["new", "b"]);
		expect(all.snapshot.get()).toMatchObject({ more: true, total: 3 });
	});

	it("takes the next one where one left, and counts only what it can see", () => {
		const waiting = new List("waiting", 2);
		const since = (minute: number) => makeSummary(`s${minute}`, { waiting_since: at(minute) });
		waiting.listed([since(1), since(2)], 4, true, "waiting");
		waiting.removed("s1");
		waiting.summary(since(3), you);
		expect(ids(waiting)).toEqual(["s2", "s3"]);
		expect(waiting.snapshot.get()).toMatchObject({ more: true, total: 3 });
	});

	it("puts those who do not wait behind those who do", () => {
		const free = new List("unassigned", 10);
		const answered = makeSummary("a", { waiting_since: null, updated_at: at(1) });
		free.listed([answered, makeSummary("b", { waiting_since: at(7) })], 2, false, "waiting");
		expect(ids(free)).toEqual(["b", "a"]);
	});

	it("is named by what its filter says, in whatever order", () => {
		expect(viewKey({ tag: "vip", status: ["open"] })).toBe(viewKey({ status: ["open"], tag: "vip" }));
		expect(viewKey({ tag: "vip" })).not.toBe(viewKey({ category: "vip" }));
		expect(viewKey("mine")).toBe("mine");
	});

	describe("of which only the server can say what belongs to it", () => {
		const seen = (id: string, minute: number, change: Parameters<typeof makeSummary>[1] = {}) =>
			makeSummary(id, { updated_at: at(minute), ...change });
		const told = (...some: ReturnType<typeof seen>[]) => {
			const list = new List({ tag: "vip" }, 3);
			list.listed(some, some.length, false, "recent");
			return list;
		};

		it("takes in what it is told of, before or behind its summary, and lets go when it is told", () => {
			const list = told(seen("a", 1));
			list.summary(seen("b", 2), you);
			expect(ids(list)).toEqual(["a"]);
			list.added("b", null);
			expect(ids(list)).toEqual(["a"]);
			list.summary(seen("b", 2), you);
			list.added("c", seen("c", 3));
			expect(ids(list)).toEqual(["c", "b", "a"]);
			expect(list.snapshot.get().total).toBe(3);
			// Whatever a summary says, it is for the server to judge.
			list.summary(seen("a", 4, { version: 2, status: "closed" }), you);
			expect(ids(list)).toEqual(["a", "c", "b"]);
			list.removed("a");
			list.summary(seen("a", 5, { version: 3 }), you);
			expect(ids(list)).toEqual(["c", "b"]);
			expect(list.snapshot.get().total).toBe(2);
		});

		it("takes what is cut off for gone, until it is told of it again", () => {
			const list = told(seen("a", 1), seen("b", 2), seen("c", 3));
			list.added("d", null);
			list.summary(seen("d", 4), you);
			expect(ids(list)).toEqual(["d", "c", "b"]);
			list.summary(seen("a", 5, { version: 2 }), you);
			expect(ids(list)).toEqual(["d", "c", "b"]);
			list.added("a", null);
			list.summary(seen("a", 5, { version: 2 }), you);
			expect(ids(list)).toEqual(["a", "d", "c"]);
			list.added("e", null);
			list.summary(seen("e", 0), you);
			list.summary(seen("e", 6, { version: 2 }), you);
			expect(ids(list)).toEqual(["a", "d", "c"]);
		});

		it("waits for the newest of what it knows as too old for its place", () => {
			const list = told(seen("a", 1), seen("b", 2), seen("c", 3));
			list.added("d", seen("d", 0));
			expect(ids(list)).toEqual(["c", "b", "a"]);
			list.summary(seen("d", 4, { version: 2 }), you);
			expect(ids(list)).toEqual(["d", "c", "b"]);
		});

		it("stands in the order that it was listed in", () => {
			const list = new List("mentions", 5);
			const since = (id: string, minute: number | null) =>
				makeSummary(id, { waiting_since: minute === null ? null : at(minute) });
			list.listed([since("a", 2)], 1, false, "waiting");
			for (const one of [since("b", 1), since("c", null)]) list.added(one.id, one);
			expect(ids(list)).toEqual(["b", "a", "c"]);
			list.listed([since("a", 2)], 1, false, "recent");
			list.summary(since("b", 1), you);
			expect(ids(list)).toEqual(["a"]);
		});
	});

	it("of which only the number is wanted has nothing else", () => {
		for (const view of ["all", "mentions"] as const) {
			const list = new List(view, 0);
			list.listed([], 7, true, "recent");
			list.added("a", makeSummary("a"));
			list.summary(makeSummary("a"), you);
			list.removed("a");
			expect(list.snapshot.get()).toMatchObject({ sessions: [], total: 7, loading: false });
		}
	});

	it("has as many as whoever wants most, and is asked for with one limit", async () => {
		const { server, client, pass } = makeWorld();
		client.start();
		const count = client.watch({ tag: "vip", status: ["open"] }, 0);
		await pass();
		expect(count.get()).toMatchObject({ sessions: [], total: 1, loading: false });
		const list = client.watch({ status: ["open"], tag: "vip" }, 50);
		expect(count.get()).toMatchObject({ total: 1, loading: true });
		await pass();
		expect(list.get().sessions).toHaveLength(1);
		list.close();
		expect(count.get()).toMatchObject({ sessions: [], total: 1, loading: false });
		await pass();
		expect(server.got("watch").map(({ limit }) => limit)).toEqual([0, 50, 0]);
		count.close();
		await pass();
		expect(server.got("unwatch")).toHaveLength(1);
	});

	it("says that it is not kept, or is asked for again", async () => {
		const { server, client, pass } = makeWorld();
		client.start();
		const views = ["0193aaaa-0000-7000-8000-000000000001", "all"] as const;
		const [gone, later] = views.map((view) => client.watch(view, 5));
		let told = 0;
		client.onViews(() => {
			told += 1;
		});
		await pass();
		const refuse = (view: string, retryable: boolean) =>
			server.tell({ type: "error", code: "not_found", message: "No.", view, retryable });
		refuse(views[0], false);
		refuse(views[1], true);
		server.tell({ type: "views_changed" });
		await pass(10);
		expect(gone?.get()).toMatchObject({ sessions: [], total: 0, loading: false, refused: "not_found" });
		expect(later?.get()).toMatchObject({ total: 1, refused: null });
		expect(told).toBe(1);
		await pass(2_100);
		expect(server.got("watch").map(({ view }) => view)).toEqual([...views, "all"]);
	});

	it("takes from other lists, and from the open chat, what it is told of", async () => {
		const { server, client, pass } = makeWorld();
		client.openSession("chat");
		const list = client.watch("mentions", 5);
		client.start();
		await pass();
		server.tell({ type: "listed", view: "mentions", sort: "recent", sessions: [], total: 0, more: false });
		server.tell({ type: "added", view: "mentions", session: "chat" });
		await pass();
		expect(list.get().sessions.map(({ id }) => id)).toEqual(["chat"]);
		server.tell({ type: "removed", view: "mentions", session: "chat" });
		await pass();
		expect(list.get()).toMatchObject({ sessions: [], total: 0 });
	});

	it("is watched again after a reconnect, until it is closed", async () => {
		const { server, client, pass } = makeWorld();
		const list = client.watch("all", 20);
		client.start();
		await pass();
		expect(list.get()).toMatchObject({ loading: false, total: 1 });
		server.drop();
		await pass(2_000);
		expect(server.got("watch")).toEqual(Array(2).fill({ type: "watch", view: "all", limit: 20 }));
		list.close();
		await pass();
		expect(server.got("unwatch")).toHaveLength(1);
	});
});

import { describe, expect, it } from "vitest";
import { ANA, makeSummary } from "../testing/make.js";
import { makeWorld } from "../testing/world.js";
import { List } from "./list.js";

const you = { ...ANA, role: "agent" } as const;
const at = (minute: number): string => `2026-01-05T09:${String(minute).padStart(2, "0")}:00.000Z`;
const ids = (list: List): string[] => list.snapshot.get().sessions.map((session) => session.id);

describe("a list", () => {
	it("takes in what belongs to it, and lets go of what does no more", () => {
		const mine = new List("mine", 10);
		const free = new List("unassigned", 10);
		for (const list of [mine, free]) list.listed([], 0, false);
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
				list.listed([], 0, false);
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
		all.listed([makeSummary("a", { version: 5, unread: 1 })], 1, false);
		all.summary(makeSummary("a", { version: 4, unread: 0 }), you);
		expect(all.snapshot.get().sessions[0]?.unread).toBe(1);
	});

	it("puts the longest waiting first, or the last changed", () => {
		const waiting = new List("waiting", 10);
		const all = new List("all", 10);
		const sessions = [7, 3, 5].map((minute) =>
			makeSummary(`s${minute}`, { waiting_since: at(minute), updated_at: at(minute) }),
		);
		for (const list of [waiting, all]) list.listed(sessions, 3, false);
		expect(ids(waiting)).toEqual(["s3", "s5", "s7"]);
		expect(ids(all)).toEqual(["s7", "s5", "s3"]);
	});

	it("stays within its limit, and does not guess beyond its end", () => {
		const all = new List("all", 2);
		all.listed([makeSummary("b", { updated_at: at(5) }), makeSummary("c", { updated_at: at(4) })], 3, true);
		all.summary(makeSummary("old", { updated_at: at(1) }), you);
		expect(ids(all)).toEqual(["b", "c"]);
		all.summary(makeSummary("new", { updated_at: at(9) }), you);
		expect(ids(all)).toEqual(["new", "b"]);
		expect(all.snapshot.get()).toMatchObject({ more: true, total: 3 });
	});

	it("takes the next one where one left, and counts only what it can see", () => {
		const waiting = new List("waiting", 2);
		const since = (minute: number) => makeSummary(`s${minute}`, { waiting_since: at(minute) });
		waiting.listed([since(1), since(2)], 4, true);
		waiting.removed("s1");
		waiting.summary(since(3), you);
		expect(ids(waiting)).toEqual(["s2", "s3"]);
		expect(waiting.snapshot.get()).toMatchObject({ more: true, total: 3 });
	});

	it("puts those who do not wait behind those who do", () => {
		const free = new List("unassigned", 10);
		const answered = makeSummary("a", { waiting_since: null, updated_at: at(1) });
		free.listed([answered, makeSummary("b", { waiting_since: at(7) })], 2, false);
		expect(ids(free)).toEqual(["b", "a"]);
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

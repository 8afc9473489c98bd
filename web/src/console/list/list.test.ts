import { describe, expect, it } from "vitest";
import { summary } from "../fixtures.js";
import { group } from "./grouping.js";
import { hold } from "./order-hold.js";

const ids = (groups: ReturnType<typeof group>) =>
	groups.map((one) => one.sessions.map((session) => session.id));

const waiting = (id: string, minute: number) =>
	summary({ id, waiting_since: `2026-11-20T12:0${minute}:00.000Z` });
const answered = (id: string, minute: number) =>
	summary({ id, updated_at: `2026-11-20T12:0${minute}:00.000Z` });

describe("group", () => {
	it("puts who waits longest first, and then who was active last", () => {
		const groups = group("mine", [answered("a", 1), waiting("b", 5), answered("c", 4), waiting("d", 2)]);
		expect(groups.map((one) => one.title)).toEqual(["Your turn", "Their turn"]);
		expect(ids(groups)).toEqual([
			["d", "b"],
			["c", "a"],
		]);
	});

	it("puts first what is due first", () => {
		const due = (id: string, minute: number, hour: number) => ({
			...waiting(id, minute),
			sla: {
				policy: "All",
				next_response: { due_at: `2026-11-20T1${hour}:00:00.000Z`, state: "fine" as const },
			},
		});
		const sessions = [waiting("a", 1), due("b", 2, 5), due("c", 3, 4)];
		expect(ids(group("mine", sessions))[0]).toEqual(["c", "b", "a"]);
		expect(ids(group("waiting", sessions))).toEqual([["c", "b", "a"]]);
	});

	it("puts first what comes back first", () => {
		const until = (id: string, day: number) =>
			summary({ id, snoozed_until: `2026-11-2${day}T09:00:00.000Z` });
		expect(ids(group("snoozed", [until("b", 5), until("d", 2)]))).toEqual([["d", "b"]]);
	});

	it("leaves the other lists in the server's order", () => {
		expect(ids(group("unassigned", [waiting("b", 5), waiting("d", 2)]))).toEqual([["b", "d"]]);
	});
});

describe("hold", () => {
	const before = hold(null, group("mine", [waiting("a", 1), waiting("b", 2), answered("c", 3)]), false);
	const changed = group("mine", [answered("a", 4), waiting("b", 2), answered("c", 3), waiting("n", 0)]);

	it("shows the list as it is when no hand is in it", () => {
		expect(ids([...hold(before, changed, false).groups])).toEqual([
			["n", "b"],
			["a", "c"],
		]);
	});

	it("keeps places, counts the new and updates in place while a hand is in it", () => {
		const held = hold(before, changed, true);
		expect(ids([...held.groups])).toEqual([["a", "b"], ["c"]]);
		expect(held.news).toBe(1);
		expect(held.groups[0]?.sessions[0]?.waiting_since).toBeNull();
	});

	it("keeps a row that left until the hand is gone", () => {
		const left = group("mine", [waiting("b", 2)]);
		const held = hold(before, left, true);
		expect(ids([...held.groups])).toEqual([["a", "b"], ["c"]]);
		expect(held.news).toBe(0);
		expect([...held.gone]).toEqual(["a", "c"]);
		expect(ids([...hold(held, left, false).groups])).toEqual([["b"], []]);
	});

	it("does not hold one list's rows in another", () => {
		const other = group("unassigned", [waiting("x", 1)]);
		expect(ids([...hold(before, other, true).groups])).toEqual([["x"]]);
	});
});

import { describe, expect, it } from "vitest";
import type { Event, SessionSummary } from "../protocol/types.js";
import { ANA, makeEvent, makeSummary } from "../testing/make.js";
import { continuationOf, emptySnapshot, isParted, withEntry } from "./snapshot.js";

const tess = { id: "tess", name: "Tess" };
const until = "2026-01-06T09:00:00.000Z";

describe("what an entry changes about its session", () => {
	const before = makeSummary("a", {
		assignee: { id: ANA.id, name: ANA.name },
		subject: "Old",
		category: "Old",
		priority: "normal",
		tags: ["b", "c"],
		snoozed_until: until,
	});
	it.each<[Event, Partial<SessionSummary>]>([
		[{ type: "assigned", agent: null }, { assignee: null }],
		[{ type: "transferred", from: { id: ANA.id, name: ANA.name }, to: tess }, { assignee: tess }],
		[{ type: "status_changed", from: "open", to: "resolved" }, { status: "resolved" }],
		[{ type: "priority_changed", from: "normal", to: "high" }, { priority: "high" }],
		[{ type: "subject_changed", to: "New" }, { subject: "New" }],
		[{ type: "category_changed", to: null }, { category: null }],
		[
			{ type: "attributes_changed", set: { order: "12" }, removed: ["size"] },
			{ attributes: { order: "12" } },
		],
		[{ type: "tagged", added: ["a", "b"], removed: ["c"] }, { tags: ["a", "b"] }],
		[{ type: "snoozed", until: "2026-01-07T09:00:00.000Z" }, { snoozed_until: "2026-01-07T09:00:00.000Z" }],
		[{ type: "unsnoozed" }, { snoozed_until: null }],
	])("%j", (event, change) => {
		expect(withEntry(before, makeEvent(2, event))).toEqual({ ...before, last_seq: 2, ...change });
		// What a summary knew already does not happen again.
		const known = { ...before, last_seq: 2 };
		expect(withEntry(known, makeEvent(2, event))).toBe(known);
	});
});

describe("where a closed session goes on", () => {
	const of = (...events: Event[]) => ({
		...emptySnapshot("a"),
		summary: makeSummary("a", { next_session_id: "old news" }),
		entries: events.map((event, at) => makeEvent(at + 1, event)),
	});
	const goesOn: Event = { type: "continued", session_id: "b" };

	it("is the last that was said of it", () => {
		expect(continuationOf(of({ type: "closed", from: "open" }, goesOn))).toBe("b");
		expect(continuationOf(of())).toBe("old news");
		expect(isParted(of(goesOn))).toBe(false);
	});

	it("is nowhere once a merge was undone", () => {
		const undone: Event = { type: "unmerged", session_id: "b", number: 2 };
		for (const parted of [of(goesOn, undone), of(goesOn, { type: "reopened", to: "open" })]) {
			expect(continuationOf(parted)).toBeNull();
			expect(isParted(parted)).toBe(true);
		}
		const closedAgain = of(goesOn, undone, { type: "closed", from: "open" });
		expect(isParted(closedAgain)).toBe(false);
	});
});

import { describe, expect, it } from "vitest";
import type { Entry, Event, SessionSummary } from "../protocol/types.js";
import { ANA, makeEvent, makeMessage, makeSummary } from "../testing/make.js";
import { continuationOf, emptySnapshot, isParted, mergeEntries, withEntry } from "./snapshot.js";

const tess = { id: "tess", name: "Tess" };
const until = "2026-01-06T09:00:00.000Z";

describe("what was said and is changed later", () => {
	const said = makeMessage(1, "first");
	const edited = (seq: number, body: string) =>
		makeEvent(seq, { type: "edited", entry: said.id, seq: 1, body, note: false });
	const deleted = makeEvent(4, { type: "deleted", entry: said.id, seq: 1, note: false });

	it("is read as it is now, however it comes", () => {
		const log = [said, edited(2, "second"), edited(3, "third")];
		const oneByOne = log.reduce((have, entry) => mergeEntries(have, [entry]), [] as readonly Entry[]);
		expect(oneByOne).toEqual(mergeEntries([], log));
		expect(oneByOne[0]).toMatchObject({ body: "third", edited_at: log[2]?.created_at });
		expect(oneByOne[1]?.event).toMatchObject({ body: "third" });
		const gone = mergeEntries(oneByOne, [deleted]);
		expect(gone[0]).toMatchObject({ body: "", deleted_at: deleted.created_at });
		expect(JSON.stringify(gone)).not.toMatch(/first|second|third/);
		// An edit that is heard of late brings nothing back.
		expect(mergeEntries([gone[0] as Entry], [edited(2, "second")])[0]?.body).toBe("");
	});
});

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

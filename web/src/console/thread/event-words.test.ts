import { describe, expect, it } from "vitest";
import type { Event, Sender } from "../../protocol/types.js";
import { entry } from "../fixtures.js";
import { fixed } from "../times.js";
import { closedWords, eventWords, weightiest } from "./event-words.js";

const ana: Sender = { kind: "agent", id: "ana", name: "Ana" };
const mia: Sender = { kind: "agent", id: "mia", name: "Mia" };
const tess = { id: "tess", name: "Tess" };
const system: Sender = { kind: "system" };
const customer: Sender = { kind: "customer", id: "c", name: "Phương Anh" };

const byTomas = { sender: { kind: "agent", id: "tomas", name: "Tomás" } } as const;
const taken = {
	kind: "event",
	sender: ana,
	event: { type: "assigned", agent: { id: "ana", name: "Ana" } },
} as const;

/** As Ana reads it. */
const words = (event: Event, sender: Sender = ana) =>
	eventWords(entry(1, { kind: "event", body: "", event, sender }), "ana");

describe("the words of what happened", () => {
	it.each<[Event, Sender, string]>([
		[{ type: "assigned", agent: tess }, system, "Given to Tess"],
		[{ type: "assigned", agent: null }, mia, "Put back in line by Mia"],
		[{ type: "transferred", from: { id: "ana", name: "Ana" }, to: tess }, ana, "Handed over to Tess by you"],
		[
			{ type: "transferred", from: { id: "mia", name: "Mia" }, to: { id: "ana", name: "Ana" } },
			mia,
			"Handed over to you by Mia",
		],
		[
			{ type: "transferred", from: tess, to: { id: "ana", name: "Ana" } },
			mia,
			"Handed over from Tess to you by Mia",
		],
		[{ type: "transferred", from: tess, to: { id: "ana", name: "Ana" } }, ana, "Taken over from Tess by you"],
		[
			{ type: "transferred", from: { id: "ana", name: "Ana" }, to: { id: "mia", name: "Mia" } },
			mia,
			"Taken over from you by Mia",
		],
		[{ type: "transferred", to: tess }, mia, "Given to Tess by Mia"],
		[{ type: "priority_changed", from: "normal", to: "urgent" }, ana, "Priority set to urgent by you"],
		[{ type: "subject_changed", to: "A torn seam" }, mia, "Subject set to “A torn seam” by Mia"],
		[{ type: "subject_changed", to: null }, mia, "Subject removed by Mia"],
		[{ type: "category_changed", to: "Damaged" }, ana, "Category set to “Damaged” by you"],
		[{ type: "category_changed", to: null }, system, "Category removed"],
		[{ type: "tagged", added: ["damaged", "porto"], removed: [] }, ana, "Tagged damaged and porto by you"],
		[
			{ type: "attributes_changed", set: { order: "12" }, removed: ["size"] },
			ana,
			"Noted: order is “12”, size struck out by you",
		],
		[{ type: "tagged", added: [], removed: ["porto"] }, mia, "Tag porto removed by Mia"],
		[{ type: "tagged", added: ["a"], removed: ["b", "c"] }, mia, "Tagged a, tags b and c removed by Mia"],
		[{ type: "merged", into: "b", number: 12 }, mia, "Merged into #12 by Mia"],
		[{ type: "unmerged", session_id: "b", number: 12 }, ana, "Parted from #12 again by you"],
		[{ type: "unsnoozed" }, mia, "Taken up again by Mia"],
		[{ type: "unsnoozed" }, system, "Taken up again: the time was over"],
		[{ type: "unsnoozed" }, customer, "Taken up again: Phương Anh wrote"],
	])("%j", (event, sender, said) => {
		expect(words(event, sender)).toBe(said);
	});

	it("says until when, the same whenever it is read", () => {
		const until = "2026-12-24T09:00:00.000Z";
		const at = fixed(until, entry(1).created_at);
		expect(words({ type: "snoozed", until })).toBe(`Put aside until ${at} by you`);
	});

	it("says what the clock did", () => {
		const due_at = "2026-12-24T09:00:00.000Z";
		const at = fixed(due_at, entry(1).created_at);
		const first = { policy: "All", target: "first_response", due_at } as const;
		expect(words({ type: "sla_warned", ...first }, system)).toBe(`First answer due by ${at} (All)`);
		expect(words({ type: "sla_breached", ...first, target: "resolution" }, system)).toBe(
			`Resolution too late: it was due by ${at} (All)`,
		);
		expect(words({ type: "reminded", about: "unassigned" }, system)).toBe("Still not taken by anybody");
		expect(words({ type: "reminded", about: "unresolved" }, system)).toBe("Still not resolved");
		expect(words({ type: "ending", at: due_at }, system)).toMatch(
			/^The customer is told that the chat ends at /,
		);
	});

	it("says which rule acted, what it could not do, and who ran which macro", () => {
		const rule = { id: "r", name: "Broken things" };
		expect(words({ type: "automated", rule, because: 2 }, system)).toBe("By the rule “Broken things”");
		const skipped = [
			{ action: "assign", why: "The agent is not of the team any more." },
			{ action: "new_thing", why: "It is too late" },
		];
		expect(words({ type: "automated", rule, because: 2, skipped }, system)).toBe(
			"By the rule “Broken things”, but not the assignment (The agent is not of the team any more) and not new thing (It is too late)",
		);
		const ran = { id: "m", name: "Say goodbye" };
		expect(words({ type: "macro_ran", ran })).toBe("Macro “Say goodbye” run by you");
		expect(words({ type: "macro_ran", ran }, mia)).toBe("Macro “Say goodbye” run by Mia");
	});

	it("has a word for what a newer server tells", () => {
		expect(words({ type: "moon_landed" } as unknown as Event)).toBe("Moon landed");
	});
});

describe("who reads, and when", () => {
	it("speaks of the reader as you and of others by name", () => {
		expect(eventWords(entry(1, taken), "ana")).toBe("Taken by you");
		expect(eventWords(entry(1, taken), "tomas")).toBe("Taken by Ana");
		expect(eventWords(entry(1, { ...taken, ...byTomas }), "ana")).toBe("Given to you by Tomás");
		expect(
			eventWords(entry(1, { kind: "event", event: { type: "closed", from: "open" }, sender: system }), "ana"),
		).toBe("Closed");
	});

	it("says how a chat was closed", () => {
		const closed = entry(3, { ...taken, event: { type: "closed", from: "resolved" } });
		const at = new Date(closed.created_at).getTime();
		expect(closedWords([entry(1), closed, entry(4)], "ana", at)).toMatch(/^Closed by you at .+\.$/);
		expect(closedWords([closed], "tomas", at + 86_400_000)).toMatch(/^Closed by Ana, Yesterday at .+\.$/);
		expect(closedWords([entry(1)], "ana", at)).toBe("Closed.");
	});
});

describe("weightiest", () => {
	const happened = (seq: number, event: Event) => entry(seq, { kind: "event", event });
	const tagged = (seq: number) => happened(seq, { type: "tagged", added: ["a"], removed: [] });
	const given = (seq: number) => happened(seq, { type: "assigned", agent: tess });

	it("keeps whose the chat is before what is noted of it, and the newer before the older", () => {
		const seqs = (entries: readonly { seq: number }[]) => entries.map(({ seq }) => seq);
		expect(seqs(weightiest([given(1), tagged(2), tagged(3), given(4), tagged(5)], 2))).toEqual([1, 4]);
		expect(seqs(weightiest([tagged(1), tagged(2), given(3), tagged(4)], 2))).toEqual([3, 4]);
		expect(seqs(weightiest([given(1), given(2), given(3), given(4)], 2))).toEqual([3, 4]);
	});
});

import { describe, expect, it } from "vitest";
import type { OutboxItem } from "../../client/index.js";
import type { Entry } from "../../protocol/types.js";
import { entry } from "../fixtures.js";
import { lastOwnLine, newMark, type ThreadItem, threadItems } from "./items.js";

const me = { id: "ana", name: "Ana" };
const byAna = { sender: { kind: "agent", id: "ana", name: "Ana" } } as const;
const byTomas = { sender: { kind: "agent", id: "tomas", name: "Tomás" } } as const;
const assigned = (seq: number, over: Partial<Entry> = {}) =>
	entry(seq, {
		kind: "event",
		...byAna,
		event: { type: "assigned", agent: { id: "ana", name: "Ana" } },
		...over,
	});

const queued = (id: string): OutboxItem => ({
	id,
	body: "On its way",
	note: false,
	attachments: [],
	writtenAt: Date.UTC(2026, 10, 20, 12, 30),
	status: { state: "queued", retryAt: null, code: null },
});

const build = (
	entries: Entry[],
	outbox: OutboxItem[] = [],
	mark: { seq: number; count: number } | null = null,
) => threadItems({ entries, outbox, me, mark });

const shape = (items: ThreadItem[]) =>
	items.map((item) => (item.type === "group" ? `${item.side}:${item.lines.length}` : item.type));

describe("threadItems", () => {
	it("groups one speaker's messages within five minutes, and starts with the day", () => {
		const items = build([
			entry(1, { minute: 0 }),
			entry(2, { minute: 5 }),
			entry(3, { minute: 11 }),
			entry(4, { minute: 11, ...byAna }),
			entry(5, { minute: 11, ...byTomas }),
		]);
		expect(shape(items)).toEqual(["day", "other:2", "other:1", "own:1", "own:1"]);
	});

	it("ends a group at an event, a note and the new mark, and folds runs of events", () => {
		const items = build(
			[
				entry(1),
				assigned(2),
				assigned(3),
				entry(4),
				entry(5, { kind: "note", ...byTomas }),
				entry(6),
				entry(7),
			],
			[],
			{ seq: 7, count: 1 },
		);
		expect(shape(items)).toEqual([
			"day",
			"other:1",
			"events",
			"other:1",
			"note",
			"other:1",
			"new",
			"other:1",
		]);
		expect(items[2]).toMatchObject({ entries: [{ seq: 2 }, { seq: 3 }] });
	});

	it("shows what Hubbub writes for the team as what it is", () => {
		const system = { sender: { kind: "system" } } as const;
		const note = entry(3, { kind: "note", ...system });
		const items = build([entry(1), entry(2, system), note, entry(4, byAna)]);
		expect(shape(items)).toEqual(["day", "other:1", "own:1", "note", "own:1"]);
		expect(items[2]).toMatchObject({ speaker: { name: "Sent automatically", me: false } });
	});

	it("starts a new day", () => {
		const next = entry(2, { created_at: new Date(Date.UTC(2026, 10, 22, 12)).toISOString() });
		expect(shape(build([entry(1), next]))).toEqual(["day", "other:1", "day", "other:1"]);
	});

	it("puts the outbox last, in the same group, under the key that the entry will have", () => {
		const items = build([entry(1), entry(29, byAna)], [queued("mine-1")]);
		expect(shape(items)).toEqual(["day", "other:1", "own:2"]);
		expect(lastOwnLine(items)).toBe("mine-1");
		const stored = build([entry(1), entry(29, byAna), entry(30, { id: "mine-1", ...byAna })]);
		expect(stored.at(-1)?.key).toBe(items.at(-1)?.key);
		expect(lastOwnLine(stored)).toBe("mine-1");
	});

	it("has no delivery mark without an own message", () => {
		expect(lastOwnLine(build([entry(1), assigned(2)]))).toBeNull();
	});
});

describe("newMark", () => {
	it("stands at the customer's first unread message", () => {
		const log = [entry(1), assigned(2), entry(3, byTomas), entry(4), entry(5)];
		expect(newMark(log, 1)).toEqual({ seq: 4, count: 2 });
		expect(newMark(log, 5)).toBeNull();
	});
});

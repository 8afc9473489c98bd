import { describe, expect, it } from "vitest";
import type { OutboxItem, SessionSnapshot } from "../client/api.js";
import { emptySnapshot } from "../client/snapshot.js";
import type { Entry, Event, Sender } from "../protocol/types.js";
import { ANA, CUSTOMER, makeEvent, makeMessage } from "../testing/make.js";
import { type Item, itemsOf, lastOwnLine } from "./groups.js";

const noon = new Date(2026, 0, 5, 12, 0, 0).getTime();
const at = (minutes: number): string => new Date(noon + minutes * 60_000).toISOString();
const say = (seq: number, minutes: number, sender: Sender, body = `m${seq}`): Entry => ({
	...makeMessage(seq, body, sender),
	created_at: at(minutes),
});
const happen = (seq: number, event: Event, sender: Sender = { kind: "system" }): Entry => ({
	...makeEvent(seq, event),
	sender,
	created_at: at(0),
});
const chat = (entries: Entry[], outbox: OutboxItem[] = [], id = "chat"): SessionSnapshot => ({
	...emptySnapshot(id),
	entries,
	outbox,
});
const waiting = (id: string, status: OutboxItem["status"]): OutboxItem => ({
	id,
	body: id,
	note: false,
	attachments: [],
	writtenAt: noon + 60_000,
	status,
});
const queued = { state: "queued", retryAt: null, code: null } as const;
const failed = { state: "failed", code: "invalid", message: "No.", retryable: false } as const;

const told = (items: readonly Item[]): string[] =>
	items.map((item) => {
		if (item.kind === "event") return item.text;
		if (item.kind === "new") return `${item.count} new`;
		if (item.kind === "day") return "day";
		return `${item.who?.name ?? "me"}: ${item.lines.map((line) => line.body).join(", ")}`;
	});

describe("a thread", () => {
	it("puts together what one person said within five minutes", () => {
		const entries = [
			say(1, 0, CUSTOMER),
			say(2, 4, CUSTOMER),
			say(3, 10, CUSTOMER),
			say(4, 10, ANA),
			say(5, 11, CUSTOMER),
		];
		expect(told(itemsOf([chat(entries)], null))).toEqual([
			"day",
			`me: m1, m2`,
			"me: m3",
			"Ana: m4",
			"me: m5",
		]);
	});

	it("begins each day with its name", () => {
		const entries = [say(1, 0, CUSTOMER), say(2, 14 * 60, CUSTOMER)];
		expect(told(itemsOf([chat(entries)], null))).toEqual(["day", "me: m1", "day", "me: m2"]);
	});

	it("tells who joined, took over and ended, and nothing of the desk's own affairs", () => {
		const entries = [
			happen(1, { type: "started", channel: "web" }),
			happen(2, { type: "assigned", agent: { id: "a", name: "Ana" } }),
			happen(3, { type: "status_changed", from: "open", to: "in_progress" }),
			happen(4, { type: "assigned", agent: null }),
			happen(5, { type: "assigned", agent: { id: "t", name: "Tomás" } }),
			happen(6, { type: "closed", from: "in_progress" }, ANA),
		];
		expect(told(itemsOf([chat(entries)], null))).toEqual([
			"day",
			"Ana joined the chat",
			"Tomás takes over from Ana",
			"Ana ended the chat. Write again to start a new one.",
		]);
	});

	it("tells who takes over, also when the chat was never taken before our eyes", () => {
		const entries = [
			happen(3, { type: "transferred", from: { id: "a", name: "Ana" }, to: { id: "t", name: "Tess" } }, ANA),
			happen(4, { type: "transferred", to: { id: "b", name: "Béla" } }),
			happen(5, { type: "transferred", from: { id: "b", name: "Béla" }, to: { id: "b", name: "Béla" } }),
		];
		expect(told(itemsOf([chat(entries)], null))).toEqual([
			"day",
			"Tess takes over from Ana",
			"Béla takes over from Tess",
		]);
		const first = happen(1, { type: "transferred", to: { id: "t", name: "Tess" } });
		expect(told(itemsOf([chat([first])], null))).toEqual(["day", "Tess joined the chat"]);
	});

	it("goes on where an ended chat was continued, and asks nobody to write again", () => {
		const before = chat(
			[say(1, 0, CUSTOMER), happen(2, { type: "closed", from: "open" }, CUSTOMER)],
			[],
			"old",
		);
		const after = chat([say(1, 1, CUSTOMER, "again")], [], "new");
		expect(told(itemsOf([before, after], null))).toEqual([
			"day",
			"me: m1",
			"You ended the chat.",
			"me: again",
		]);
	});

	it("marks where the news begins", () => {
		const entries = [say(1, 0, ANA), say(2, 0, ANA), say(3, 0, ANA)];
		const items = itemsOf([chat(entries)], { session: "chat", seq: 2, count: 2 });
		expect(told(items)).toEqual(["day", "Ana: m1", "2 new", "Ana: m2, m3"]);
	});

	it("shows what is unsent after what is said", () => {
		const items = itemsOf([chat([say(1, 0, CUSTOMER)], [waiting("x", queued)])], null);
		expect(told(items)).toEqual(["day", "me: m1, x"]);
		expect(lastOwnLine(items)?.key).toBe("x");
	});

	it("tells the delivery of the last message that was not refused", () => {
		const items = itemsOf([chat([say(1, 0, CUSTOMER)], [waiting("x", failed)])], null);
		expect(lastOwnLine(items)?.body).toBe("m1");
		expect(lastOwnLine(itemsOf([chat([say(1, 0, ANA)])], null))).toBe(null);
	});

	it("keeps a message's key when its entry takes the place of the unsent one", () => {
		const unsent = itemsOf([chat([], [waiting("x", queued)])], null);
		const sent = itemsOf([chat([{ ...say(1, 0, CUSTOMER), id: "x" }])], null);
		expect(lastOwnLine(sent)?.key).toBe(lastOwnLine(unsent)?.key);
	});
});

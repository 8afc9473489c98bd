/** What a thread shows, made of a session's log: days, groups of bubbles, notes, folded events, the new mark. */

import type { OutboxItem } from "../../client/index.js";
import type { Attachment, Entry, EntryId, Event, Seq } from "../../protocol/types.js";
import { dayKey } from "../times.js";

/** One bubble. */
export interface Line {
	/** The entry's id, which the outbox item had before: so the bubble stays the same one when it is stored. */
	readonly key: EntryId;
	readonly body: string;
	readonly attachments: readonly Attachment[];
	/** The entry, once it is stored. */
	readonly entry: Entry | null;
	/** Null while it is in the outbox only. */
	readonly seq: Seq | null;
	/** Set while it is in the outbox. */
	readonly item: OutboxItem | null;
}

/** Another chat was merged into this one. */
export type MergedFrom = Extract<Event, { type: "merged_from" }>;

/** One thing in the thread. */
export type ThreadItem =
	| { readonly type: "day"; readonly key: string; readonly at: string | number }
	| { readonly type: "new"; readonly key: string; readonly count: number }
	| { readonly type: "events"; readonly key: string; readonly entries: readonly Entry[] }
	| { readonly type: "merged"; readonly key: string; readonly entry: Entry; readonly event: MergedFrom }
	| { readonly type: "note"; readonly key: string; readonly entry: Entry; readonly item: OutboxItem | null }
	| GroupItem;

/** Bubbles of one speaker within some minutes. */
export interface GroupItem {
	readonly type: "group";
	readonly key: string;
	/** `own` is the team's side, whoever of it spoke. */
	readonly side: "own" | "other";
	readonly speaker: { readonly id: string; readonly name: string | null; readonly me: boolean };
	readonly at: string | number;
	readonly lines: readonly Line[];
}

/** The first message that was unread when the chat was opened, and how many there were. */
export interface NewMark {
	readonly seq: Seq;
	readonly count: number;
}

/** What the thread is made of. */
export interface ThreadSource {
	readonly entries: readonly Entry[];
	readonly outbox: readonly OutboxItem[];
	readonly me: { readonly id: string; readonly name: string | null };
	readonly mark: NewMark | null;
}

/** Who speaks where nobody of the team does. */
const HUBBUB: GroupItem["speaker"] = { id: "", name: "Sent automatically", me: false };

const TOGETHER_MS = 5 * 60_000;

const time = (at: string | number): number => new Date(at).getTime();

/** Builds the thread from top to bottom. */
export function threadItems({ entries, outbox, me, mark }: ThreadSource): ThreadItem[] {
	const items: ThreadItem[] = [];
	let day = Number.NaN;
	let lastAt = 0;

	const startDay = (at: string | number) => {
		const key = dayKey(at);
		if (key !== day) items.push({ type: "day", key: `day-${key}`, at });
		day = key;
	};

	const say = (speaker: GroupItem["speaker"], side: GroupItem["side"], at: string | number, line: Line) => {
		const last = items.at(-1);
		if (
			last?.type === "group" &&
			last.side === side &&
			last.speaker.id === speaker.id &&
			time(at) - lastAt <= TOGETHER_MS
		) {
			items[items.length - 1] = { ...last, lines: [...last.lines, line] };
		} else {
			items.push({ type: "group", key: `group-${line.key}`, side, speaker, at, lines: [line] });
		}
		lastAt = time(at);
	};

	for (const entry of entries) {
		// What was changed says so itself.
		if (entry.event?.type === "edited" || entry.event?.type === "deleted") continue;
		startDay(entry.created_at);
		if (mark && entry.seq === mark.seq) items.push({ type: "new", key: "new", count: mark.count });
		if (entry.event?.type === "merged_from") {
			items.push({ type: "merged", key: `merged-${entry.id}`, entry, event: entry.event });
		} else if (entry.kind === "event") {
			const last = items.at(-1);
			if (last?.type === "events") {
				items[items.length - 1] = { ...last, entries: [...last.entries, entry] };
			} else {
				items.push({ type: "events", key: `events-${entry.id}`, entries: [entry] });
			}
		} else if (entry.kind === "note") {
			items.push({ type: "note", key: `note-${entry.id}`, entry, item: null });
		} else {
			const { sender } = entry;
			// What Hubbub says, it says for the team.
			say(
				sender.kind === "system"
					? HUBBUB
					: { id: sender.id, name: sender.name ?? null, me: sender.id === me.id },
				sender.kind === "customer" ? "other" : "own",
				entry.created_at,
				{
					key: entry.id,
					body: entry.body,
					attachments: entry.attachments,
					entry,
					seq: entry.seq,
					item: null,
				},
			);
		}
	}
	for (const item of outbox) {
		// The server's clock may be behind ours; what is not stored yet is always the newest.
		const at = Math.max(item.writtenAt, lastAt);
		startDay(at);
		if (item.note) {
			items.push({ type: "note", key: `note-${item.id}`, entry: noteOf(item, me, at), item });
			continue;
		}
		say({ id: me.id, name: me.name, me: true }, "own", at, {
			key: item.id,
			body: item.body,
			attachments: item.attachments,
			entry: null,
			seq: item.status.state === "sent" ? item.status.seq : null,
			item,
		});
	}
	return items;
}

/** A note that is not stored yet, as it will be. */
function noteOf(
	{ id, body, mentions, attachments }: OutboxItem,
	{ id: by, name }: ThreadSource["me"],
	at: number,
): Entry {
	return {
		id,
		seq: 0,
		kind: "note",
		sender: { kind: "agent", id: by, ...(name === null ? {} : { name }) },
		body,
		attachments: [...attachments],
		...(mentions ? { mentions: [...mentions] } : {}),
		created_at: new Date(at).toISOString(),
	};
}

/** Where the new mark stands: at the customer's first message after what the team has read. */
export function newMark(entries: readonly Entry[], teamRead: Seq): NewMark | null {
	const unread = entries.filter(
		(entry) => entry.seq > teamRead && entry.kind === "message" && entry.sender.kind === "customer",
	);
	const first = unread[0];
	return first ? { seq: first.seq, count: unread.length } : null;
}

/** The key of the line that carries the delivery mark: the team's last one. */
export function lastOwnLine(items: readonly ThreadItem[]): EntryId | null {
	for (let at = items.length - 1; at >= 0; at -= 1) {
		const item = items[at];
		if (item?.type === "group" && item.side === "own") return item.lines.at(-1)?.key ?? null;
	}
	return null;
}

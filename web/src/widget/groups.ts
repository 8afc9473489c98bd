/** From logs to what a visitor sees: days, groups of messages, and the few events that concern them. */
import type { OutboxItem, SessionSnapshot } from "../client/api.js";
import type { AgentRef, Attachment, Entry, Event } from "../protocol/types.js";
import { backLabel, dayOf } from "./times.js";
import { words } from "./words.js";

/** Messages of one person further apart than this get their own name and time. */
const GROUP_MS = 5 * 60_000;

/** One message. */
export interface Line {
	readonly key: string;
	readonly body: string;
	readonly files: readonly Attachment[];
	readonly at: number;
	/** Its place in the log; null while it is in the outbox. */
	readonly seq: number | null;
	readonly outbox: OutboxItem | null;
	/** The entry, once it is stored. */
	readonly entry: Entry | null;
}

export interface Speaker {
	readonly id: string;
	readonly name: string | undefined;
}

export type Item =
	| { readonly kind: "day"; readonly key: string; readonly at: number }
	| { readonly kind: "event"; readonly key: string; readonly text: string }
	| { readonly kind: "new"; readonly key: string; readonly count: number }
	| {
			readonly kind: "group";
			readonly key: string;
			/** Null for the visitor's own. */
			readonly who: Speaker | null;
			readonly at: number;
			readonly lines: readonly Line[];
	  };

/** Where the visitor had stopped reading when the panel was opened. */
export interface NewMark {
	readonly session: string;
	readonly seq: number;
	readonly count: number;
}

/** `chats`: one, or the closed ones with the one that goes on, oldest first. */
export function itemsOf(chats: readonly SessionSnapshot[], mark: NewMark | null): readonly Item[] {
	const items: Item[] = [];
	let day = Number.NaN;
	let agent: string | null = null;
	const begin = (at: number): void => {
		if (dayOf(at) === day) return;
		day = dayOf(at);
		items.push({ kind: "day", key: `day ${day} ${items.length}`, at });
	};
	const add = (line: Line, who: Speaker | null): void => {
		begin(line.at);
		const last = items.at(-1);
		const before = last?.kind === "group" ? last.lines.at(-1) : undefined;
		if (
			last?.kind === "group" &&
			before !== undefined &&
			last.who?.id === who?.id &&
			line.at - before.at < GROUP_MS
		) {
			items[items.length - 1] = { ...last, lines: [...last.lines, line] };
		} else items.push({ kind: "group", key: line.key, who, at: line.at, lines: [line] });
	};
	for (const chat of chats) {
		const isLast = chat === chats.at(-1);
		for (const entry of chat.entries) {
			const key = `${chat.id} ${entry.seq}`;
			if (mark !== null && mark.session === chat.id && mark.seq === entry.seq) {
				items.push({ kind: "new", key: "new", count: mark.count });
			}
			if (entry.kind === "message") {
				const at = Date.parse(entry.created_at);
				const { id: key, body, seq, attachments: files } = entry;
				add({ key, body, files, at, seq, outbox: null, entry }, speakerOf(entry));
			} else if (entry.kind === "event") {
				const text = saysItself(chat, entry)
					? null
					: eventText(entry, agent, isLast && entry === lastShown(chat));
				agent = newHolder(entry.event)?.name ?? agent;
				if (text === null) continue;
				begin(Date.parse(entry.created_at));
				items.push({ kind: "event", key, text });
			}
		}
		for (const item of chat.outbox) {
			const { id: key, body, attachments: files, writtenAt: at } = item;
			add({ key, body, files, at, seq: null, outbox: item, entry: null }, null);
		}
	}
	return items;
}

function speakerOf(entry: Entry): Speaker | null {
	if (entry.sender.kind === "customer") return null;
	if (entry.sender.kind === "agent") return { id: entry.sender.id, name: entry.sender.name };
	return { id: "system", name: undefined };
}

/** Who has the chat since this event. */
function newHolder(event: Event | undefined): AgentRef | null {
	if (event?.type === "assigned") return event.agent;
	return event?.type === "transferred" ? event.to : null;
}

function eventText(
	{ event, sender, created_at }: Entry,
	agent: string | null,
	isLast: boolean,
): string | null {
	const holder = newHolder(event);
	if (holder !== null) {
		const before = (event?.type === "transferred" ? event.from?.name : undefined) ?? agent;
		if (holder.name === before) return null;
		return before === null ? words.joined(holder.name) : words.takesOver(holder.name, before);
	}
	if (event?.type === "taken_as_message") return messageText(event, Date.parse(created_at));
	if (event?.type === "closed") {
		const ended =
			sender.kind === "customer"
				? words.endedByYou
				: sender.kind === "agent" && sender.name !== undefined
					? words.endedBy(sender.name)
					: words.ended;
		return isLast ? `${ended} ${words.writeAgain}` : ended;
	}
	return null;
}

/** That nobody answers now, and when somebody does; as of the day under which it stands. */
export function messageText(
	{ because, opens_at }: Extract<Event, { type: "taken_as_message" }>,
	at: number,
): string {
	if (because === "waited") return words.busyLong;
	return opens_at === undefined
		? words.deskEmptyLong
		: words.leaveMessage(backLabel(Date.parse(opens_at), at));
}

/** The shop's own words stand for the end that follows them. */
function saysItself(chat: SessionSnapshot, entry: Entry): boolean {
	if (entry.event?.type !== "closed") return false;
	const before = chat.entries[chat.entries.indexOf(entry) - 1];
	return before?.kind === "message" && before.sender.kind === "system";
}

/** The last entry that a visitor gets to see something of. */
function lastShown(chat: SessionSnapshot): Entry | undefined {
	if (chat.outbox.length > 0) return undefined;
	return chat.entries.findLast((entry) => entry.kind === "message" || entry.event?.type === "closed");
}

/** The last own message that is on its way or there: the one whose delivery is told. */
export function lastOwnLine(items: readonly Item[]): Line | null {
	for (let i = items.length - 1; i >= 0; i--) {
		const item = items[i];
		if (item?.kind !== "group" || item.who !== null) continue;
		const line = item.lines.findLast(({ outbox }) => outbox?.status.state !== "failed");
		if (line !== undefined) return line;
	}
	return null;
}

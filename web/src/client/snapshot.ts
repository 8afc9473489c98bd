/** How a session's snapshot changes: pure steps from one to the next. */
import {
	type Entry,
	type Event,
	LIMITS,
	type Party,
	type Presence,
	type Rating,
	type Receipt,
	type SessionId,
	type SessionSummary,
	type UtcMillis,
} from "../protocol/types.js";
import type { QueuePlace, SessionSnapshot } from "./api.js";

export function emptySnapshot(id: SessionId): SessionSnapshot {
	return {
		id,
		summary: null,
		entries: [],
		outbox: [],
		typing: [],
		presence: [],
		receipts: [],
		more: false,
		loading: "first",
		missing: false,
		continuedBy: null,
		place: null,
	};
}

/** Both, by seq, each once. The same list when nothing is new. */
export function mergeEntries(have: readonly Entry[], coming: readonly Entry[]): readonly Entry[] {
	const known = new Set(have.map((entry) => entry.seq));
	const fresh = coming.filter((entry) => !known.has(entry.seq) && known.add(entry.seq));
	if (fresh.length === 0) return have;
	const merged = [...have, ...fresh];
	const inOrder = fresh.every((entry, i) => entry.seq > (i === 0 ? lastSeq(have) : (fresh[i - 1]?.seq ?? 0)));
	if (!inOrder) merged.sort((a, b) => a.seq - b.seq);
	return fresh.reduce(amended, merged);
}

/**
 * The log after `later`, which may change what was said, or take it away. An older text is not to be seen any more, nor
 * in the events that once brought it: as the server's `Entry::amended_by`.
 */
function amended(log: Entry[], later: Entry): Entry[] {
	const { event, created_at } = later;
	if (event?.type !== "edited" && event?.type !== "deleted") return log;
	const body = event.type === "edited" ? event.body : "";
	return log.map((entry) => {
		if (entry.event?.type === "edited" && entry.event.seq === event.seq && entry.seq < later.seq) {
			return { ...entry, event: { ...entry.event, body } };
		}
		// What the server gave after it is newer than it.
		if (entry.seq !== event.seq || entry.event || entry.deleted_at) return entry;
		if (event.type === "deleted") return { ...entry, body, deleted_at: created_at };
		return (entry.edited_at ?? "") > created_at ? entry : { ...entry, body, edited_at: created_at };
	});
}

/** The highest seq that was seen: the cursor. */
export function lastSeq(entries: readonly Entry[]): number {
	return entries.at(-1)?.seq ?? 0;
}

/** Summaries may overtake each other; an older one never replaces a newer one. */
export function newerSummary(have: SessionSummary | null, coming: SessionSummary): SessionSummary {
	return have !== null && have.version > coming.version ? have : coming;
}

/**
 * What an entry changes about its session. Customers are not told summaries while they follow, and agents a little
 * later than entries; the next summary has the last word.
 */
export function withEntry(summary: SessionSummary | null, entry: Entry): SessionSummary | null {
	const { seq, event, created_at } = entry;
	if (summary === null || seq <= summary.last_seq) return summary;
	const next = { ...summary, last_seq: seq };
	switch (event?.type) {
		case "rated":
			return { ...next, rating: ratingOf(summary, event, created_at) };
		case "assigned":
			return { ...next, assignee: event.agent };
		case "transferred":
			return { ...next, assignee: event.to };
		case "priority_changed":
			return { ...next, priority: event.to };
		case "subject_changed":
			return { ...next, subject: event.to };
		case "category_changed":
			return { ...next, category: event.to };
		case "tagged": {
			const kept = (summary.tags ?? []).filter((tag) => !event.removed.includes(tag));
			return { ...next, tags: [...new Set([...kept, ...event.added])].sort() };
		}
		case "attributes_changed": {
			const kept = Object.entries(summary.attributes ?? {}).filter(([name]) => !event.removed.includes(name));
			return { ...next, attributes: { ...Object.fromEntries(kept), ...event.set } };
		}
		case "team_changed":
		case "waited_too_long":
			return { ...next, team: event.to };
		case "skills_changed":
			return { ...next, skills: event.to };
		case "language_changed":
			return { ...next, language: event.to };
		case "handed_on":
			return { ...next, team: event.team ?? null, skills: event.skills };
		case "snoozed":
			return { ...next, snoozed_until: event.until };
		case "unsnoozed":
			return { ...next, snoozed_until: null };
		case "status_changed":
		case "reopened":
			return { ...next, status: event.to };
		case "closed":
			return { ...next, status: "closed" };
		case "continued":
			return { ...next, next_session_id: event.session_id };
		case "unmerged":
			return { ...next, next_session_id: null };
		default:
			return next;
	}
}

function ratingOf(
	{ rating: before }: SessionSummary,
	{ score, comment }: Extract<Event, { type: "rated" }>,
	at: UtcMillis,
): Rating {
	const until = before?.changeable_until ?? new Date(Date.parse(at) + LIMITS.ratingMs).toISOString();
	const rating: Rating = {
		score,
		rated_at: before?.rated_at ?? at,
		changed_at: at,
		changeable_until: until,
	};
	return comment === undefined ? rating : { ...rating, comment };
}

/** Nobody is told that the line is behind them: it is where somebody answers, or there is nothing to answer any more. */
export function withAnswer(place: QueuePlace | null, { kind, sender, event }: Entry): QueuePlace | null {
	if (place === null || (kind === "message" && sender.kind === "agent")) return null;
	switch (event?.type) {
		case "assigned":
			return event.agent === null ? place : null;
		case "status_changed":
			return event.to === "resolved" || event.to === "closed" ? null : place;
		case "transferred":
		case "taken_as_message":
		case "closed":
			return null;
		default:
			return place;
	}
}

export function sameParty(a: Party, b: Party): boolean {
	return a.kind === b.kind && a.id === b.id;
}

export function withTyping(list: readonly Party[], who: Party, on: boolean): readonly Party[] {
	const known = list.some((party) => sameParty(party, who));
	if (known === on) return list;
	return on ? [...list, who] : list.filter((party) => !sameParty(party, who));
}

export function withPresence(list: readonly Presence[], coming: Presence): readonly Presence[] {
	const known = list.find((one) => sameParty(one.who, coming.who));
	if (known?.online === coming.online) return list;
	return [...list.filter((one) => one !== known), coming];
}

export function withReceipt(list: readonly Receipt[], coming: Receipt): readonly Receipt[] {
	const known = list.find((one) => sameParty(one.who, coming.who));
	if (known === undefined) return [...list, coming];
	// What was read stays read; what was delivered is a hint, and the newest one counts.
	const seq = Math.max(known.seq, coming.seq);
	if (known.seq === seq && known.delivered === coming.delivered) return list;
	return list.map((one) => (one === known ? { ...coming, seq } : one));
}

/** A merge that is undone: the session goes on by itself, whatever was said before. */
export function isParted(snapshot: SessionSnapshot): boolean {
	const last = snapshot.entries.findLast(
		({ event }) => event?.type === "continued" || event?.type === "closed" || partedBy(event),
	);
	return last !== undefined && partedBy(last.event);
}

const partedBy = (event: Entry["event"]): boolean => event?.type === "reopened" || event?.type === "unmerged";

/** Where a closed session goes on, if that is known. */
export function continuationOf(snapshot: SessionSnapshot): SessionId | null {
	for (let i = snapshot.entries.length - 1; i >= 0; i--) {
		const event = snapshot.entries[i]?.event;
		if (event?.type === "continued") return event.session_id;
		if (partedBy(event)) return null;
	}
	return snapshot.summary?.next_session_id ?? null;
}

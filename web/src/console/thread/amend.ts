/** What can still be done to what was said. The server decides; this is what is offered. */

import { type Entry, LIMITS, type SessionSummary, type You } from "../../protocol/types.js";

/** What is offered of one entry. */
export interface Amends {
	readonly edit: boolean;
	readonly remove: boolean;
	/** What it said before can be read. */
	readonly history: boolean;
}

const leads = (me: You): boolean => me.role === "supervisor" || me.role === "admin";

/** As of `now`. */
export function amendsOf(entry: Entry, summary: SessionSummary | null, me: You, now: number): Amends {
	const said = entry.kind !== "event" && entry.sender.kind !== "system";
	const mine = entry.sender.kind === "agent" && entry.sender.id === me.id;
	const open = said && summary !== null && summary.status !== "closed" && !entry.deleted_at;
	const inTime = now - Date.parse(entry.created_at) < LIMITS.amendMs;
	return {
		edit: open && mine && inTime,
		remove: open && ((mine && inTime) || leads(me)),
		history: Boolean(entry.edited_at || entry.deleted_at) && (mine || leads(me)),
	};
}

/** The last thing that I said and can still change. */
export function lastEditable(
	entries: readonly Entry[],
	summary: SessionSummary | null,
	me: You,
	now: number,
): Entry | null {
	return (
		entries.findLast((entry) => entry.kind === "message" && amendsOf(entry, summary, me, now).edit) ?? null
	);
}

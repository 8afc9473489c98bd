/**
 * Nothing moves under a hand: while the pointer or the focus is in the list, its rows keep their places. What
 * changes within a row shows at once; new rows wait and are counted; rows that left stay until the hand is gone.
 */

import type { SessionId, SessionSummary } from "../../protocol/types.js";
import type { Group } from "./grouping.js";

/** What the list shows. */
export interface Shown {
	readonly groups: readonly Group[];
	/** Rows that are held back. */
	readonly news: number;
	/** Rows that stand here only because a hand is in the list. */
	readonly gone: ReadonlySet<SessionId>;
}

const NONE: ReadonlySet<SessionId> = new Set();

/** The list as it really is, and as it was shown last. Returns what to show. */
export function hold(shown: Shown | null, real: readonly Group[], held: boolean): Shown {
	if (!held || !shown || !sameKeys(shown.groups, real)) return { groups: real, news: 0, gone: NONE };
	const latest = new Map<SessionId, SessionSummary>();
	for (const group of real) for (const session of group.sessions) latest.set(session.id, session);
	const gone = new Set<SessionId>();
	const groups = shown.groups.map((group) => ({
		...group,
		sessions: group.sessions.map((session) => {
			const fresh = latest.get(session.id);
			if (!latest.delete(session.id)) gone.add(session.id);
			return fresh ?? session;
		}),
	}));
	return { groups, news: latest.size, gone };
}

/** Another list is another list, whatever the hand does. */
function sameKeys(a: readonly Group[], b: readonly Group[]): boolean {
	return a.length === b.length && a.every((group, at) => group.key === b[at]?.key);
}

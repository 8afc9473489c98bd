/** The list says whose turn it is: position answers it, not reading. */

import type { SessionSummary } from "../../protocol/types.js";
import type { ListView } from "../router.js";
import { byDue } from "../ticket/sla.js";

/** A part of a list. `title` is absent where the list has one part only. */
export interface Group {
	readonly key: string;
	readonly title?: string;
	readonly sessions: readonly SessionSummary[];
}

const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** The customer spoke last and waits for us. */
export const isOurTurn = (session: SessionSummary): boolean => session.waiting_since !== null;

/**
 * Mine is in two groups: who waits for me, what is due first before who waits longest; and who has an answer, last
 * activity first. What waits stands by what is due, too. What is put aside stands by when it comes back. The other lists
 * stay in the server's order.
 */
export function group(view: ListView, sessions: readonly SessionSummary[], now = Date.now()): Group[] {
	if (view === "snoozed") {
		const byReturn = (a: SessionSummary, b: SessionSummary) =>
			byText(a.snoozed_until ?? "", b.snoozed_until ?? "") || byText(a.id, b.id);
		return [{ key: view, sessions: [...sessions].sort(byReturn) }];
	}
	if (view === "waiting") {
		return [{ key: view, sessions: [...sessions].sort((a, b) => byDue(a, b, now)) }];
	}
	if (view !== "mine") return [{ key: view, sessions }];
	const ours = sessions.filter(isOurTurn);
	const theirs = sessions.filter((session) => !isOurTurn(session));
	ours.sort(
		(a, b) => byDue(a, b, now) || byText(a.waiting_since ?? "", b.waiting_since ?? "") || byText(a.id, b.id),
	);
	theirs.sort((a, b) => byText(b.updated_at, a.updated_at) || byText(a.id, b.id));
	return [
		{ key: "ours", title: "Your turn", sessions: ours },
		{ key: "theirs", title: "Their turn", sessions: theirs },
	];
}

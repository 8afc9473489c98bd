/** How a chat stands to what was promised of it, by the clock of whoever looks. */

import type { SessionSummary, SlaDue, SlaState, SlaTarget } from "../../protocol/types.js";
import { span } from "../times.js";

/** What presses most. */
export interface Pressing {
	readonly target: SlaTarget;
	readonly dueAt: number;
	readonly state: SlaState;
}

/** How it stands with one promise now; the server's word is as old as the summary. */
export function stateOf({ warn_at, due_at, met_at }: SlaDue, now: number): SlaState {
	const at = met_at ? Date.parse(met_at) : now;
	if (at >= Date.parse(due_at)) return "breached";
	return !met_at && warn_at && now >= Date.parse(warn_at) ? "warned" : "fine";
}

/** The promise to keep next: the answer that somebody waits for, unless the chat must be resolved before. */
export function pressing({ sla, status }: SessionSummary, now: number): Pressing | null {
	if (!sla || status === "resolved" || status === "closed") return null;
	const open = (target: SlaTarget, due: SlaDue | undefined): readonly Pressing[] =>
		due && !due.met_at ? [{ target, dueAt: Date.parse(due.due_at), state: stateOf(due, now) }] : [];
	const answers = [
		...open("first_response", sla.first_response),
		...open("next_response", sla.next_response),
	];
	const [answer] = answers;
	const [resolution] = open("resolution", sla.resolution);
	if (!answer || !resolution) return answer ?? resolution ?? null;
	return resolution.state !== "breached" && resolution.dueAt < answer.dueAt ? resolution : answer;
}

/** "42 min left", "5 min late" */
export const leftWords = ({ dueAt }: Pressing, now: number): string =>
	dueAt > now ? `${span(dueAt - now)} left` : `${span(now - dueAt)} late`;

/** What is due first stands first; what nothing is promised of, by the other order. */
export function byDue(a: SessionSummary, b: SessionSummary, now: number): number {
	const due = (session: SessionSummary) => pressing(session, now)?.dueAt ?? Number.POSITIVE_INFINITY;
	const [first, second] = [due(a), due(b)];
	return first === second ? 0 : first - second;
}

/** What may be done to a chat as it stands. The server decides; this is what is offered. */

import type { SessionSummary, You } from "../../protocol/types.js";

/** There is still something to do. */
export const canResolve = (summary: SessionSummary): boolean =>
	summary.status === "open" || summary.status === "in_progress";

/** Nobody has it, and there is still something to do. */
export const canTake = (summary: SessionSummary): boolean => summary.assignee === null && canResolve(summary);

/** Where there is nothing to do, there is nothing to do later. */
export const canPutAside = canResolve;

const leads = (me: You): boolean => me.role === "supervisor" || me.role === "admin";

/** Whether chats can be looked on at without being seen. */
export const canLookOn = leads;

/** A chat goes on by whoever has it, by anybody where nobody has it, and by who leads the team. */
export const canHandOver = (summary: SessionSummary, me: You): boolean =>
	summary.status !== "closed" && (summary.assignee === null || summary.assignee.id === me.id || leads(me));

/** Somebody has it, and may be rid of it. */
export const canPutBack = (summary: SessionSummary, me: You): boolean =>
	summary.assignee !== null && canResolve(summary) && canHandOver(summary, me);

/** A colleague has it. */
export const canTakeOver = (summary: SessionSummary, me: You): boolean =>
	summary.assignee !== null && summary.assignee.id !== me.id && summary.status !== "closed" && leads(me);

/** It goes on nowhere else yet. */
export const canMerge = (summary: SessionSummary): boolean =>
	summary.next_session_id === null && !summary.merged_into;

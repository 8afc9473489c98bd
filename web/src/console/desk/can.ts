/** What may be done to a chat as it stands. */

import type { SessionSummary } from "../../protocol/types.js";

/** Nobody has it, and there is still something to do. */
export const canTake = (summary: SessionSummary): boolean =>
	summary.assignee === null && (summary.status === "open" || summary.status === "in_progress");

/** There is still something to do. */
export const canResolve = (summary: SessionSummary): boolean =>
	summary.status === "open" || summary.status === "in_progress";

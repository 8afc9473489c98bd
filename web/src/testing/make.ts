/** Things of the wire with sensible values. */
import type { Entry, Event, Sender, SessionSummary } from "../protocol/types.js";

export const CUSTOMER = { kind: "customer", id: "contact-1", name: "Phương Anh" } as const;
export const ANA = { kind: "agent", id: "agent-1", name: "Ana" } as const;

export function makeSummary(id: string, change: Partial<SessionSummary> = {}): SessionSummary {
	return {
		id,
		site: "demo",
		channel: "web",
		status: "open",
		contact: { id: CUSTOMER.id, name: CUSTOMER.name, verified: false },
		assignee: null,
		number: 1,
		last_seq: 1,
		version: 1,
		last_message: null,
		unread: 0,
		read: { customer: 0, team: 0 },
		waiting_since: null,
		previous_session_id: null,
		next_session_id: null,
		created_at: "2026-01-05T09:00:00.000Z",
		updated_at: "2026-01-05T09:00:00.000Z",
		closed_at: null,
		...change,
	};
}

export function makeMessage(seq: number, body: string, sender: Sender = ANA, id = `entry-${seq}`): Entry {
	return { id, seq, kind: "message", sender, body, attachments: [], created_at: "2026-01-05T09:00:00.000Z" };
}

export function makeEvent(seq: number, event: Event): Entry {
	return { ...makeMessage(seq, "", { kind: "system" }), kind: "event", event };
}

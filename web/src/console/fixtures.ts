/** Chats and entries for tests. */

import type { Entry, SessionSummary } from "../protocol/types.js";

/** A summary with what the test does not care for filled in. */
export function summary(over: Partial<SessionSummary> = {}): SessionSummary {
	const id = over.id ?? "s1";
	return {
		id,
		site: "demo",
		channel: "web",
		status: "in_progress",
		contact: { id: `contact-${id}`, name: `Name ${id}`, verified: false },
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
		created_at: "2026-11-20T12:00:00.000Z",
		updated_at: "2026-11-20T12:00:00.000Z",
		closed_at: null,
		...over,
	};
}

/** An entry at a minute of a fixed hour. */
export function entry(seq: number, over: Partial<Entry> & { minute?: number } = {}): Entry {
	const { minute = seq, ...rest } = over;
	return {
		id: `e${seq}`,
		seq,
		kind: "message",
		sender: { kind: "customer", id: "contact-s1", name: "Phương Anh" },
		body: `Message ${seq}`,
		attachments: [],
		created_at: new Date(Date.UTC(2026, 10, 20, 12, minute)).toISOString(),
		...rest,
	};
}

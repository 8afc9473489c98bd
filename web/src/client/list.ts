import type { SessionId, SessionSummary, View, You } from "../protocol/types.js";
import type { ListSnapshot } from "./api.js";
import { Value } from "./observable.js";
import { newerSummary } from "./snapshot.js";

/** A watched list: whole when it is listed, and kept true by summaries and removals. */
export class List {
	readonly view: View;
	readonly limit: number;
	readonly snapshot: Value<ListSnapshot>;

	constructor(view: View, limit: number) {
		this.view = view;
		this.limit = limit;
		this.snapshot = new Value<ListSnapshot>({ view, sessions: [], total: 0, more: false, loading: true });
	}

	listed(sessions: readonly SessionSummary[], total: number, more: boolean): void {
		const ordered = [...sessions].sort(ORDERS[this.view]);
		this.snapshot.set({ view: this.view, sessions: ordered, total, more, loading: false });
	}

	/** The frame names no list, so that each decides whether the session belongs to it. */
	summary(coming: SessionSummary, you: You | null): void {
		const before = this.snapshot.get();
		if (before.loading) return;
		const known = before.sessions.find((session) => session.id === coming.id);
		if (known !== undefined && newerSummary(known, coming) === known) return;
		if (!belongs(this.view, coming, you)) {
			this.removed(coming.id);
			return;
		}
		const others = before.sessions.filter((session) => session !== known);
		const sessions = [...others, coming].sort(ORDERS[this.view]);
		if (sessions.length > this.limit && sessions.at(-1) === coming) return;
		this.snapshot.set({
			...before,
			sessions: sessions.slice(0, this.limit),
			// Where there are more than are shown, it may have been counted among them: the server counts them anew.
			total: before.total + (known === undefined && !before.more ? 1 : 0),
			more: before.more || sessions.length > this.limit,
		});
	}

	removed(id: SessionId): void {
		const before = this.snapshot.get();
		const sessions = before.sessions.filter((session) => session.id !== id);
		if (sessions.length === before.sessions.length) return;
		this.snapshot.set({ ...before, sessions, total: Math.max(before.total - 1, sessions.length) });
	}
}

function belongs(view: View, session: SessionSummary, you: You | null): boolean {
	const live = session.status === "open" || session.status === "in_progress";
	const aside = typeof session.snoozed_until === "string";
	switch (view) {
		case "mine":
			return live && !aside && session.assignee !== null && session.assignee.id === you?.id;
		case "unassigned":
			return live && !aside && session.assignee === null;
		case "waiting":
			return live && !aside && session.waiting_since !== null;
		case "snoozed":
			return live && aside;
		case "all":
			return true;
	}
}

type Order = (a: SessionSummary, b: SessionSummary) => number;

// The server's orders: a list that is cut holds the first by them.

/** Times are all of one form, so that text order is time order. */
const text = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** After every time. */
const NEVER = "~";

const longestWaiting: Order = (a, b) =>
	text(a.waiting_since ?? NEVER, b.waiting_since ?? NEVER) || text(a.id, b.id);
const lastChanged: Order = (a, b) => text(b.updated_at, a.updated_at) || text(b.id, a.id);

const ORDERS: Readonly<Record<View, Order>> = {
	mine: lastChanged,
	unassigned: longestWaiting,
	waiting: longestWaiting,
	snoozed: lastChanged,
	all: lastChanged,
};

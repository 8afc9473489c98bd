import type {
	ErrorCode,
	SessionId,
	SessionSort,
	SessionSummary,
	View,
	ViewName,
	You,
} from "../protocol/types.js";
import type { ListSnapshot } from "./api.js";
import { Value } from "./observable.js";
import { newerSummary } from "./snapshot.js";

/** Names a view: the fields of a filter come in any order. */
export function viewKey(view: View): string {
	if (typeof view === "string") return view;
	return JSON.stringify(Object.entries(view).sort(([a], [b]) => text(a, b)));
}

/** A watched list: whole when it is listed, and kept true by summaries and by who is told to have come or left. */
export class List {
	readonly view: View;
	readonly snapshot: Value<ListSnapshot>;
	#limit: number;
	#order: Order = ORDERS.recent;
	/** Those of a list of which only the server can say what belongs to it; null: we see that for ourselves. */
	readonly #told: Set<SessionId> | null;

	constructor(view: View, limit: number) {
		this.view = view;
		this.#limit = limit;
		this.#told = OWN.has(view) ? null : new Set();
		this.snapshot = new Value<ListSnapshot>({
			view,
			sessions: [],
			total: 0,
			more: false,
			loading: true,
			refused: null,
		});
	}

	/** At most so many are shown; 0: only how many there are. */
	get limit(): number {
		return this.#limit;
	}

	/** From the next answer on it shows so many. */
	resize(limit: number): void {
		const before = this.snapshot.get();
		if (this.#limit === 0) this.snapshot.set({ ...before, loading: true });
		else if (limit === 0) this.snapshot.set({ ...before, sessions: [] });
		this.#limit = limit;
	}

	listed(sessions: readonly SessionSummary[], total: number, more: boolean, sort: SessionSort): void {
		this.#order = ORDERS[sort];
		const shown = [...sessions].sort(this.#order).slice(0, this.#limit);
		this.#told?.clear();
		for (const { id } of shown) this.#told?.add(id);
		this.snapshot.set({ view: this.view, sessions: shown, total, more, loading: false, refused: null });
	}

	/** The server does not keep it. */
	refused(code: ErrorCode): void {
		this.#told?.clear();
		const before = this.snapshot.get();
		this.snapshot.set({ ...before, sessions: [], total: 0, more: false, loading: false, refused: code });
	}

	/** The server told that a session came: as it is `known` from elsewhere, until its summary comes. */
	added(id: SessionId, known: SessionSummary | null): void {
		if (this.#told === null || this.#limit === 0 || this.snapshot.get().loading) return;
		this.#told.add(id);
		// As it was known it may not have been among the first; as it is now, it is.
		if (known !== null) this.#place(known);
	}

	/** The frame names no list, so that each decides whether the session belongs to it, unless it was told. */
	summary(coming: SessionSummary, you: You | null): void {
		if (this.snapshot.get().loading || this.#limit === 0) return;
		const known = this.#known(coming.id);
		if (known !== undefined && newerSummary(known, coming) === known) return;
		if (this.#told === null ? !belongs(this.view, coming, you) : !this.#told.has(coming.id)) {
			this.removed(coming.id);
		} else if (!this.#place(coming)) this.#told?.delete(coming.id);
	}

	removed(id: SessionId): void {
		this.#told?.delete(id);
		const before = this.snapshot.get();
		const sessions = before.sessions.filter((session) => session.id !== id);
		if (sessions.length === before.sessions.length) return;
		this.snapshot.set({ ...before, sessions, total: Math.max(before.total - 1, sessions.length) });
	}

	#known(id: SessionId): SessionSummary | undefined {
		return this.snapshot.get().sessions.find((session) => session.id === id);
	}

	/** Puts it where it stands; false where it is not among the first. */
	#place(coming: SessionSummary): boolean {
		const before = this.snapshot.get();
		const known = this.#known(coming.id);
		const others = before.sessions.filter((session) => session !== known);
		const sessions = [...others, coming].sort(this.#order);
		if (sessions.length > this.#limit && sessions.at(-1) === coming) return false;
		for (const { id } of sessions.slice(this.#limit)) this.#told?.delete(id);
		this.snapshot.set({
			...before,
			sessions: sessions.slice(0, this.#limit),
			// Where there are more than are shown, it may have been counted among them: the server counts them anew.
			total: before.total + (known === undefined && !before.more ? 1 : 0),
			more: before.more || sessions.length > this.#limit,
		});
		return true;
	}
}

/** Those whose rule is simple enough to be written here, too. */
const OWN: ReadonlySet<View> = new Set<ViewName>(["mine", "unassigned", "waiting", "snoozed", "all"]);

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
		default:
			return true;
	}
}

type Order = (a: SessionSummary, b: SessionSummary) => number;

// The server's orders: a list that is cut holds the first by them.

/** Times are all of one form, so that text order is time order. */
function text(a: string, b: string): number {
	return a < b ? -1 : a > b ? 1 : 0;
}

/** After every time. */
const NEVER = "~";

const ORDERS: Readonly<Record<SessionSort, Order>> = {
	recent: (a, b) => text(b.updated_at, a.updated_at) || text(b.id, a.id),
	waiting: (a, b) => text(a.waiting_since ?? NEVER, b.waiting_since ?? NEVER) || text(a.id, b.id),
};

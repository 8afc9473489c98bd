/** A client without a server, for tests: streams are told what to show, and requests are answered in turn. */

import {
	type Client,
	HttpError,
	type ListSnapshot,
	type OfferNews,
	type SendOptions,
	type SessionSnapshot,
	type Status,
	type TeamState,
} from "../client/index.js";
import { viewKey } from "../client/list.js";
import { Value } from "../client/observable.js";
import type { Entry, Notification, SessionId, SessionSummary, View, You } from "../protocol/types.js";

/** Nothing is known of the session yet. */
export const unknownSession = (id: SessionId): SessionSnapshot => ({
	id,
	summary: null,
	entries: [],
	outbox: [],
	typing: [],
	presence: [],
	receipts: [],
	more: false,
	loading: "first",
	missing: false,
	continuedBy: null,
	place: null,
});

/** What happened to a fake session stream. */
export interface FakeSession {
	readonly value: Value<SessionSnapshot>;
	readonly sent: string[];
	readonly options: SendOptions[];
	readonly typing: boolean[];
	readonly read: number[];
	left: boolean;
}

/** A client, and the strings it hangs on. */
export function fakeClient() {
	const status = new Value<Status>({ state: "online", transport: "websocket", since: 0, retryAt: null });
	const away = new Value(false);
	const sessions = new Map<SessionId, FakeSession>();
	const lists = new Map<string, Value<ListSnapshot>>();
	const watched: { view: View; limit: number | undefined; closed: boolean }[] = [];
	const summaryListeners = new Set<(summary: SessionSummary) => void>();
	const entryListeners = new Set<(session: SessionId, entry: Entry) => void>();
	const viewsListeners = new Set<() => void>();
	const teamListeners = new Set<(state: TeamState) => void>();
	const notificationListeners = new Set<(notification: Notification) => void>();
	const offerListeners = new Set<(news: OfferNews) => void>();
	const answers: Record<string, unknown[]> = {};
	const asked: string[] = [];

	const bodies: unknown[] = [];

	const request = async (key: string, body?: unknown) => {
		asked.push(key);
		bodies.push(body);
		const next = answers[key]?.shift();
		if (next === undefined) throw new HttpError(404, "not_found", "Not here.");
		if (next instanceof HttpError) throw next;
		return next;
	};

	const session = (id: SessionId): FakeSession => {
		const known = sessions.get(id);
		if (known) return known;
		const made: FakeSession = {
			value: new Value(unknownSession(id)),
			sent: [],
			options: [],
			typing: [],
			read: [],
			left: false,
		};
		sessions.set(id, made);
		return made;
	};

	const list = (view: View): Value<ListSnapshot> => {
		const key = viewKey(view);
		const known = lists.get(key);
		if (known) return known;
		const made = new Value<ListSnapshot>({
			view,
			sessions: [],
			total: 0,
			more: false,
			loading: true,
			refused: null,
		});
		lists.set(key, made);
		return made;
	};

	const listen =
		<T>(set: Set<T>) =>
		(listener: T) => {
			set.add(listener);
			return () => void set.delete(listener);
		};

	const client = {
		start: () => {},
		stop: () => {},
		retryNow: () => {},
		status,
		away,
		you: new Value<You | null>(null),
		sessions: new Value<readonly SessionSummary[]>([]),
		openSession(id: SessionId) {
			const one = session(id);
			return {
				id,
				get: () => one.value.get(),
				subscribe: (listener: (snapshot: SessionSnapshot) => void) => one.value.subscribe(listener),
				send(body: string, options?: SendOptions) {
					one.sent.push(body);
					one.options.push(options ?? {});
					return `sent-${one.sent.length}`;
				},
				showUp: () => {},
				retry: () => {},
				discard: () => {},
				typing: (on: boolean) => void one.typing.push(on),
				read: (seq: number) => void one.read.push(seq),
				loadOlder: async () => {},
				leave() {
					one.left = true;
				},
			};
		},
		watch(view: View, limit?: number) {
			const one = list(view);
			const use = { view, limit, closed: false };
			watched.push(use);
			return {
				view,
				get: () => one.get(),
				subscribe: (listener: (snapshot: ListSnapshot) => void) => one.subscribe(listener),
				close: () => {
					use.closed = true;
				},
			};
		},
		onSession: listen(summaryListeners),
		onEntry: listen(entryListeners),
		onViews: listen(viewsListeners),
		onTeam: listen(teamListeners),
		onNotification: listen(notificationListeners),
		onOffer: listen(offerListeners),
		http: {
			get: <T>(path: string) => request(`GET ${path}`) as Promise<T>,
			post: <T>(path: string, body?: unknown) => request(`POST ${path}`, body) as Promise<T>,
			put: <T>(path: string, body: unknown) => request(`PUT ${path}`, body) as Promise<T>,
			patch: <T>(path: string, body: unknown) => request(`PATCH ${path}`, body) as Promise<T>,
			delete: <T>(path: string, body?: unknown) => request(`DELETE ${path}`, body) as Promise<T>,
		},
	} satisfies Client;

	return {
		client: client as Client,
		status,
		away,
		session,
		asked,
		/** What came with what was asked. */
		bodies,
		/** Answers to come, by method and path. */
		answers,
		show(id: SessionId, over: Partial<SessionSnapshot>) {
			const { value } = session(id);
			value.set({ ...value.get(), loading: null, ...over });
		},
		list(view: View, some: readonly SessionSummary[], total = some.length) {
			list(view).set({
				view,
				sessions: some,
				total,
				more: total > some.length,
				loading: false,
				refused: null,
			});
		},
		/** The lists that are watched now, and how much of each. */
		watching: () => watched.filter(({ closed }) => !closed),
		tellViews() {
			for (const listener of viewsListeners) listener();
		},
		tellSummary(summary: SessionSummary) {
			for (const listener of summaryListeners) listener(summary);
		},
		tellTeam(state: TeamState) {
			for (const listener of teamListeners) listener(state);
		},
		tellNotification(notification: Notification) {
			for (const listener of notificationListeners) listener(notification);
		},
		tellOffer(news: OfferNews) {
			for (const listener of offerListeners) listener(news);
		},
		tellEntry(id: SessionId, entry: Entry) {
			for (const listener of entryListeners) listener(id, entry);
		},
	};
}

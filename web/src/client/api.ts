/**
 * The client library, seen from outside: types only.
 *
 * One client is one party (a customer by token, or an agent by cookie) on one server. It keeps a connection by whatever
 * transport works, follows sessions and lists, and delivers what was written, in order and once. It knows no DOM: all that
 * comes from a browser is handed in as a `Platform`.
 */
import type {
	AgentId,
	Attachment,
	Entry,
	EntryId,
	ErrorCode,
	Notification,
	Party,
	Presence,
	Receipt,
	Seq,
	ServerFrame,
	SessionId,
	SessionSummary,
	StartedSession,
	UtcMillis,
	View,
	Workload,
	You,
} from "../protocol/types.js";
import type { Lists, ListsHost } from "./lists.js";

/** A value that changes. Snapshots are immutable: a change is a new object, so `===` tells whether something changed. */
export interface Observable<T> {
	get(): T;
	/** Called after each change, not at once. Returns what ends the subscription. */
	subscribe(listener: (value: T) => void): () => void;
}

/** How the client's page feels: `visible`, `online` and `pageshow` are reasons to look at the connection at once. */
export type PageEvent = "online" | "offline" | "visible" | "hidden" | "pagehide" | "pageshow";

/** The part of a `WebSocket` that the client uses. */
export interface Socket {
	onopen: (() => void) | null;
	onmessage: ((data: unknown) => void) | null;
	onclose: ((code: number) => void) | null;
	/** Throws when the socket is not open. */
	send(text: string): void;
	close(code?: number): void;
}

/**
 * A small key-value store. What is asked of it takes effect in the order of the calls, without waiting for answers. It
 * may reject or throw at any time; the client then goes on in memory.
 */
export interface KeyValueStore {
	/** All pairs whose key begins with `prefix`, by key. */
	list(prefix: string): Promise<readonly (readonly [key: string, value: string])[]>;
	put(key: string, value: string): Promise<void>;
	delete(key: string): Promise<void>;
}

/** Everything that the client needs from its surroundings. `browserPlatform()` is the real one. */
export interface Platform {
	/** Milliseconds since 1970. */
	now(): number;
	/** Calls `run` once, `ms` from now or later; returns what prevents it. */
	after(ms: number, run: () => void): () => void;
	/** From 0 up to, not including, 1. */
	random(): number;
	/** A fresh UUID. */
	uuid(): string;
	fetch(url: string, init: RequestInit): Promise<Response>;
	/** May throw (a page's policy forbids it). */
	openSocket(url: string, protocol: string): Socket;
	readonly storage: KeyValueStore;
	visible(): boolean;
	onPage(listener: (event: PageEvent) => void): () => void;
}

export interface ClientOptions {
	/** The server's origin, without a slash at the end; "" for the page's own. */
	readonly baseUrl: string;
	/** A customer's token. Without it the browser's login cookie is used (agents, same origin). */
	readonly token?: string;
	/** Whose unsent messages are kept apart from others' in this browser: the agent's id, or the site's key. */
	readonly owner: string;
	readonly platform: Platform;
	/** What `watch` needs (agents): `openLists`. Handed in, so that customers need not load it. */
	readonly lists?: (host: ListsHost) => Lists;
	/** For the server's log: `widget`, `console`. */
	readonly clientName: string;
	readonly clientVersion?: string;
}

export type TransportKind = "websocket" | "long_poll";

export interface Status {
	/** `connecting` until the first success or failure; `stopped` comes back only by `start()`. */
	readonly state: "connecting" | "online" | "reconnecting" | "stopped";
	/** What carries the frames now; null unless online. */
	readonly transport: TransportKind | null;
	/** Since when it is in this state (`Platform.now`); all tries of one interruption count as one state. */
	readonly since: number;
	/** When the next try is due; null when one is under way or none is planned. */
	readonly retryAt: number | null;
	/** Why the server wants this client to stay away. Absent after `stop()`. */
	readonly stopped?: {
		/** A close code of the contract, section 4. */
		readonly code: number;
		/** Its word: `bad_credential`, `blocked`, … */
		readonly reason: string;
	};
}

export interface Client {
	/** Connects, and stays connected. Does nothing when started already. */
	start(): void;
	/** Disconnects. What was not sent stays in the outbox. */
	stop(): void;
	/** Tries at once instead of at `status.retryAt`. */
	retryNow(): void;
	readonly status: Observable<Status>;
	/** There has been no connection for a while: long enough to speak of it. A server that restarts is back before. */
	readonly away: Observable<boolean>;
	/** Who the server takes us for; null before the first connection. */
	readonly you: Observable<You | null>;
	/** A customer's sessions, newest first; empty for agents, who watch lists. */
	readonly sessions: Observable<readonly SessionSummary[]>;
	/**
	 * Follows a session until `leave()`. Opened twice, it is one stream that has to be left twice.
	 */
	openSession(id: SessionId, options?: OpenOptions): SessionStream;
	/**
	 * Keeps a list live until `close()` (agents); with the limit 0, only how many it has. Watched twice, it is one stream that
	 * has to be closed twice, and has as many as whoever wants most.
	 */
	watch(view: View, limit?: number): ListStream;
	/** Every summary that comes, of any session; it may be one that is known (see its `version`). */
	onSession(listener: (summary: SessionSummary) => void): () => void;
	/** Every entry the moment it arrives live: not those of a first page, a reset or of history. For sounds and announcements. */
	onEntry(listener: (session: SessionId, entry: Entry) => void): () => void;
	/** The saved views that we have, or their order, changed (agents). A long-poll is not told: see GET `/views`. */
	onViews(listener: () => void): () => void;
	/** What a member of the team has become (agents). A long-poll is not told: see GET `/agents/workload`. */
	onTeam(listener: (state: TeamState) => void): () => void;
	/** What we are told in person (agents). A long-poll is not told: see GET `/notifications`. */
	onNotification(listener: (notification: Notification) => void): () => void;
	/** That we are asked to take a session, or are not asked any more (agents). A long-poll is not told. */
	onOffer(listener: (news: OfferNews) => void): () => void;
	/** Requests with the client's credential, for what frames do not cover. */
	readonly http: Http;
}

/** What somebody wrote and the server has not yet shown back as an entry. */
export interface OutboxItem {
	/** Also the entry's id, later. */
	readonly id: EntryId;
	readonly body: string;
	/** For the team only. */
	readonly note: boolean;
	/** Uploaded files. */
	readonly attachments: readonly Attachment[];
	/** Agents whom a note names. */
	readonly mentions?: readonly AgentId[];
	/** When it was written (`Platform.now`). */
	readonly writtenAt: number;
	readonly status: OutboxStatus;
}

export type OutboxStatus =
	/** Waits for its turn, the connection, or (`retryAt`) the end of a pause that the server asked for. */
	| { readonly state: "queued"; readonly retryAt: number | null; readonly code: ErrorCode | null }
	| { readonly state: "sending"; readonly since: number }
	/** Stored by the server. Stays until the entry itself arrives. */
	| { readonly state: "sent"; readonly seq: Seq; readonly createdAt: UtcMillis }
	/** Refused. Later items do not wait for it. `retryable` is false when the same text would be refused again. */
	| {
			readonly state: "failed";
			readonly code: ErrorCode;
			readonly message: string;
			readonly retryable: boolean;
	  };

export interface SessionSnapshot {
	readonly id: SessionId;
	/** Null until the first answer. */
	readonly summary: SessionSummary | null;
	/** By seq, each once; a customer's may have holes (notes of the team). */
	readonly entries: readonly Entry[];
	/** In the order written; to be shown after the entries. */
	readonly outbox: readonly OutboxItem[];
	/** Others who are typing now. */
	readonly typing: readonly Party[];
	/** Others who are here now (`online: true`) or were seen leaving. Empty while `Client.away`. */
	readonly presence: readonly Presence[];
	/** How far each party has read and been handed; see also `summary.read`, and `reach()`. */
	readonly receipts: readonly Receipt[];
	/** Older entries exist. */
	readonly more: boolean;
	/** `first`: nothing is known yet. `older`: a page of history is under way. */
	readonly loading: "first" | "older" | null;
	/** The session is not there, or not open to us (any more). */
	readonly missing: boolean;
	/** This closed session goes on in another one, which the client follows already: show that one. */
	readonly continuedBy: SessionId | null;
	/** A customer's place in line; null when somebody has answered, and when it is not known. */
	readonly place: QueuePlace | null;
}

/** Where a customer stands in line. */
export interface QueuePlace {
	/** 1 is next. */
	readonly position: number;
	/** How many wait in the same line. */
	readonly waiting: number;
	/** How long it may still take, in seconds; null: nobody can tell. */
	readonly estimateS: number | null;
}

/** An offer to us, or its end. */
export type OfferNews = Extract<ServerFrame, { type: "offer" | "offer_ended" }>;

/** What a member of the team is now. */
export type TeamState = Pick<Workload, "agent" | "status" | "active" | "max">;

/** The answer to a start is one. */
export type KnownSession = Pick<StartedSession, "epoch" | "session" | "entries">;

export interface SendOptions {
	/** For the team only (agents). */
	readonly note?: boolean;
	/** Uploaded files. */
	readonly attachments?: readonly Attachment[];
	/** Agents whom a note names. */
	readonly mentions?: readonly AgentId[];
	/** Refused (`answered_meanwhile`) if a colleague has said something behind this entry (agents). */
	readonly after?: Seq;
}

export interface OpenOptions {
	/** What is had of it already, to be shown at once and gone on from. */
	readonly known?: KnownSession;
	/** Nobody is told that we look on (supervisors). */
	readonly unseen?: boolean;
}

export interface SessionStream extends Observable<SessionSnapshot> {
	readonly id: SessionId;
	/** Puts a message into the outbox, and returns its id. Goes to `continuedBy` where there is one. */
	send(body: string, options?: SendOptions): EntryId;
	/** Sends a failed item again, with the same id, whatever a colleague said meanwhile. */
	retry(id: EntryId): void;
	/** Forgets an item that is not under way. */
	discard(id: EntryId): void;
	/** Say `true` at each stroke, `false` when the field is emptied: the stream sends what is worth sending. */
	typing(on: boolean): void;
	/** We have read up to here. Never goes back; survives reconnecting. */
	read(seq: Seq): void;
	/** Fetches one page of history; rejects with an `HttpError`. */
	loadOlder(): Promise<void>;
	/** From now on the others see that we are here. */
	showUp(): void;
	/** Ends this use of the stream. Unsent items are still sent. */
	leave(): void;
}

export interface ListSnapshot {
	readonly view: View;
	/** In the server's order: who waits longest first, or what changed last. */
	readonly sessions: readonly SessionSummary[];
	/** How many the list has in all, as far as we were told. */
	readonly total: number;
	/** The list has more than these. */
	readonly more: boolean;
	/** Which they are is not known yet. */
	readonly loading: boolean;
	/** Why the server does not keep it live: `not_found`, there is no such view for us (any more). */
	readonly refused: ErrorCode | null;
}

export interface ListStream extends Observable<ListSnapshot> {
	readonly view: View;
	/** Ends this use of the stream. */
	close(): void;
}

/** Requests under `/api/v1`. All reject with an `HttpError` (see `http.ts`). */
export interface Http {
	get<T>(path: string): Promise<T>;
	post<T>(path: string, body?: unknown): Promise<T>;
	put<T>(path: string, body: unknown): Promise<T>;
	patch<T>(path: string, body: unknown): Promise<T>;
	delete<T>(path: string, body?: unknown): Promise<T>;
}

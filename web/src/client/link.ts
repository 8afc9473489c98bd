import {
	CLOSE,
	type ClientFrame,
	type EntryId,
	type ServerFrame,
	type SessionEvents,
	type SessionId,
	type SessionSummary,
	type You,
} from "../protocol/types.js";
import type { TransportKind } from "./api.js";

/** A frame of the server, or what stands for one on a transport without frames. */
export type LinkEvent =
	| ServerFrame
	/** A long-poll's news of one session: typing, presence and receipts are whole, not changes. */
	| { readonly type: "polled"; readonly events: SessionEvents }
	/** A followed session is not there, or not open to us. */
	| { readonly type: "missing"; readonly session: SessionId }
	/** No answer to a send; it may or may not be stored. */
	| { readonly type: "unsent"; readonly id: EntryId };

/** What a link knows when it becomes usable. */
export interface Welcome {
	readonly you: You;
	/** A customer's own. */
	readonly sessions: readonly SessionSummary[];
	/** The store's identity; null when the first answer will tell. */
	readonly epoch: string | null;
}

/** Why a link ended. */
export interface Loss {
	/** A close code; 1006 when nobody said why. */
	readonly code: number;
	/** The word of the `bye`, if there was one. */
	readonly reason: string | null;
	/** When the server wants us back. */
	readonly retryAfterMs: number | null;
}

export interface LinkHandlers {
	/** Once, before any event. */
	up(welcome: Welcome): void;
	event(event: LinkEvent): void;
	/** Once, the last call; not after `close()`. */
	down(loss: Loss): void;
}

/** One connection, over whatever transport. */
export interface Link {
	readonly kind: TransportKind;
	/** False when it is not up; then nothing was sent. */
	send(frame: ClientFrame): boolean;
	/** Makes sure that the other end is alive; otherwise the link goes down. */
	probe(withinMs: number): void;
	close(): void;
}

export const ABNORMAL = 1006;

/** Whether a client may come back after `code`: the range is the advice, for codes never seen as well. */
export function mayReconnect(code: number): boolean {
	return !(code === 1000 || code === 1003 || code === 1008 || (code >= 4500 && code <= 4999));
}

const WORDS: ReadonlyMap<string, number> = new Map([
	["bad_credential", CLOSE.BAD_CREDENTIAL],
	["origin_refused", CLOSE.ORIGIN_REFUSED],
	["replaced", CLOSE.REPLACED],
	["protocol_version", CLOSE.PROTOCOL_VERSION],
	["blocked", CLOSE.BLOCKED],
	["restart", CLOSE.RESTART],
	["overloaded", CLOSE.OVERLOADED],
	["rate_limited", CLOSE.RATE_LIMITED],
]);

/** The code that a `bye` announced, for when the close frame itself was lost. */
export function codeOf(reason: string): number {
	return WORDS.get(reason) ?? ABNORMAL;
}

/** The word for a code that came without one. */
export function reasonOf(code: number): string {
	for (const [word, known] of WORDS) if (known === code) return word;
	return code === CLOSE.NORMAL ? "normal" : `code_${code}`;
}

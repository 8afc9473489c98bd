import type { ClientFrame, Entry, EntryId, ServerFrame, SessionId } from "../protocol/types.js";
import type { OutboxItem, Platform } from "./api.js";
import { prefixOf, readDraft } from "./draft.js";
import type { DurableStore } from "./durable.js";
import { Outbox } from "./outbox.js";

export interface OutboxesOptions {
	readonly owner: string;
	readonly platform: Platform;
	readonly store: DurableStore;
	/** False when there is no connection. */
	transmit(frame: ClientFrame): boolean;
	changed(session: SessionId, items: readonly OutboxItem[]): void;
	/** Whether anybody looks at the session, and so at what was sent in it. */
	shown(session: SessionId): boolean;
}

/** The outboxes of all sessions, followed or not: what was written is sent even if nobody looks at it any more. */
export class Outboxes {
	readonly #options: OutboxesOptions;
	readonly #bySession = new Map<SessionId, Outbox>();
	/** Nothing is sent before what an earlier page left behind is known: it goes first. */
	#restored: "no" | "reading" | "yes" = "no";

	constructor(options: OutboxesOptions) {
		this.#options = options;
	}

	of(session: SessionId): Outbox {
		let outbox = this.#bySession.get(session);
		if (outbox === undefined) {
			const { owner, platform, store, transmit, changed } = this.#options;
			outbox = new Outbox({
				session,
				owner,
				platform,
				store,
				transmit: (frame) => this.#restored === "yes" && transmit(frame),
				changed: (items) => changed(session, items),
			});
			this.#bySession.set(session, outbox);
		}
		return outbox;
	}

	/** Reads, once, what an earlier page of this owner left behind. */
	async restore(): Promise<void> {
		if (this.#restored !== "no") return;
		this.#restored = "reading";
		await this.#options.store.list(prefixOf(this.#options.owner), (pairs) => this.#take(pairs));
		this.#restored = "yes";
		this.resume();
	}

	#take(pairs: readonly (readonly [string, string])[]): void {
		const kept = pairs.map(([key, value]) => readDraft(key, value)).filter((one) => one !== null);
		for (const session of new Set(kept.map((one) => one.session))) {
			const drafts = kept.filter((one) => one.session === session).map((one) => one.draft);
			this.of(session).restore(drafts);
		}
	}

	resume(): void {
		for (const outbox of [...this.#bySession.values()]) outbox.resume();
	}

	pause(): void {
		for (const outbox of this.#bySession.values()) outbox.pause();
	}

	arrived(entries: readonly Entry[]): void {
		for (const outbox of this.#bySession.values()) outbox.arrived(entries);
	}

	/** The session that the message was written in, where it was stored in another one. */
	acked(ack: Extract<ServerFrame, { type: "ack" }>): SessionId | null {
		for (const [session, outbox] of [...this.#bySession]) {
			if (!outbox.acked(ack.id, ack.seq, ack.created_at)) continue;
			if (ack.session !== session) return session;
			if (!this.#options.shown(session)) outbox.dropSent();
		}
		return null;
	}

	refused(id: EntryId, error: Extract<ServerFrame, { type: "error" }>): void {
		const { code, message, retryable, retry_after_ms } = error;
		for (const outbox of this.#bySession.values()) {
			outbox.refused(id, code, message, retryable, retry_after_ms);
		}
	}

	unanswered(id: EntryId): void {
		for (const outbox of this.#bySession.values()) outbox.unanswered(id);
	}

	/** `from` goes on in `to`: moves there what was stored there, and what was never tried. */
	handOver(from: SessionId, to: SessionId, stored: EntryId | null): void {
		for (const { draft, status } of this.of(from).handOver(stored)) this.of(to).adopt(draft, status);
		if (!this.#options.shown(to)) this.of(to).dropSent();
	}
}

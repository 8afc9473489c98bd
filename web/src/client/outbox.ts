import type { ClientFrame, Entry, EntryId, ErrorCode, Seq, SessionId, UtcMillis } from "../protocol/types.js";
import type { OutboxItem, OutboxStatus, Platform, SendOptions } from "./api.js";
import { Backoff } from "./backoff.js";
import { type Draft, draftKey, writeDraft } from "./draft.js";
import type { DurableStore } from "./durable.js";
import { Timer } from "./timer.js";

/** The server answers within 5 s (promise 8); after this the answer is lost, and asking again is safe. */
const ACK_MS = 15_000;
/** A frame over the server's limit would cost the connection, again and again. */
const FRAME_BYTES = 60_000;

const QUEUED: OutboxStatus = { state: "queued", retryAt: null, code: null };

export interface OutboxOptions {
	readonly session: SessionId;
	readonly owner: string;
	readonly platform: Platform;
	readonly store: DurableStore;
	/** False when there is no connection. */
	transmit(frame: ClientFrame): boolean;
	changed(items: readonly OutboxItem[]): void;
}

interface Row {
	draft: Draft;
	status: OutboxStatus;
	/** May be stored already: it has to be asked for in this session, wherever the answer says it went. */
	attempted: boolean;
}

/** What one session still has to be told: in order, one at a time, each until the server has it. */
export class Outbox {
	readonly #options: OutboxOptions;
	readonly #timer: Timer;
	readonly #backoff: Backoff;
	#rows: Row[] = [];
	/** Entries up to here are on the screen, or in the history before it. */
	#shownTo: Seq = 0;

	constructor(options: OutboxOptions) {
		this.#options = options;
		this.#timer = new Timer(options.platform);
		this.#backoff = new Backoff(() => options.platform.random(), 1_000);
	}

	get empty(): boolean {
		return this.#rows.length === 0;
	}

	add(body: string, options: SendOptions = {}): EntryId {
		const { platform } = this.#options;
		const draft: Draft = {
			id: platform.uuid(),
			body,
			note: options.note === true,
			attachments: options.attachments ?? [],
			...(options.mentions && options.mentions.length > 0 ? { mentions: options.mentions } : {}),
			...(options.after === undefined ? {} : { after: options.after }),
			// Strictly rising, since what is kept is put in order by it.
			writtenAt: Math.max(platform.now(), (this.#rows.at(-1)?.draft.writtenAt ?? 0) + 1),
		};
		this.#insert(draft, QUEUED);
		return draft.id;
	}

	/** Takes over an item that another session's outbox had. */
	adopt(draft: Draft, status: OutboxStatus): void {
		// The other log has other seqs.
		this.#insert({ ...draft, after: undefined }, status);
	}

	/** What an earlier page wrote goes before what this one wrote meanwhile. */
	restore(drafts: readonly Draft[]): void {
		const known = new Set(this.#rows.map((row) => row.draft.id));
		const rows = drafts.filter((draft) => !known.has(draft.id)).map(rowOf);
		this.#rows = [...rows, ...this.#rows];
		this.#settle();
	}

	retry(id: EntryId): void {
		const row = this.#row(id);
		if (row?.status.state !== "failed") return;
		// Whoever tries again has seen what was in the way.
		row.draft = { ...row.draft, after: undefined };
		row.status = QUEUED;
		this.#keep(row);
		this.#settle();
	}

	discard(id: EntryId): void {
		const row = this.#row(id);
		if (row === undefined || row.status.state === "sending") return;
		this.#remove(row);
		this.#settle();
	}

	/** There is a connection (again): what was under way on another one is sent once more, with the same id. */
	resume(): void {
		this.#backoff.reset();
		for (const row of this.#rows) if (row.status.state === "sending") row.status = QUEUED;
		this.#settle();
	}

	pause(): void {
		this.#timer.clear();
		for (const row of this.#rows) if (row.status.state === "sending") row.status = QUEUED;
		this.#options.changed(this.#items());
	}

	/** Whether the item was ours, and not known as sent before. */
	acked(id: EntryId, seq: Seq, createdAt: UtcMillis): boolean {
		const row = this.#row(id);
		if (row === undefined || row.status.state === "sent") return false;
		row.status = { state: "sent", seq, createdAt };
		this.#forget(row);
		this.#dropShown();
		this.#backoff.reset();
		this.#settle();
		return true;
	}

	refused(id: EntryId, code: ErrorCode, message: string, retryable: boolean, retryAfterMs?: number): void {
		const row = this.#row(id);
		if (row?.status.state !== "sending") return;
		if (retryable) {
			const wait = retryAfterMs ?? 1_000 + this.#backoff.next();
			row.status = { state: "queued", retryAt: this.#options.platform.now() + wait, code };
		} else {
			row.status = { state: "failed", code, message, retryable };
			this.#keep(row);
		}
		this.#settle();
	}

	/** No answer came, though the connection lives. */
	unanswered(id: EntryId): void {
		const row = this.#row(id);
		if (row?.status.state !== "sending") return;
		const retryAt = this.#options.platform.now() + 1_000 + this.#backoff.next();
		row.status = { state: "queued", retryAt, code: null };
		this.#settle();
	}

	/** The entry itself takes the item's place. */
	arrived(entries: readonly Entry[]): void {
		let changed = false;
		for (const entry of entries) {
			const row = this.#row(entry.id);
			if (row === undefined) continue;
			this.#remove(row);
			changed = true;
		}
		if (changed) this.#settle();
	}

	/**
	 * All entries up to `seq` have come. A send that turns out to be stored among them, by an earlier try, may be
	 * further back than what was fetched, and its entry will not come again.
	 */
	shownTo(seq: Seq): void {
		this.#shownTo = seq;
		if (this.#dropShown()) this.#options.changed(this.#items());
	}

	/** Drops what is stored but will not be shown: nobody follows, or the store lost it. */
	dropSent(): void {
		const rows = this.#rows.filter((row) => row.status.state !== "sent");
		if (rows.length === this.#rows.length) return;
		this.#rows = rows;
		this.#options.changed(this.#items());
	}

	/** Gives away what another session is to carry: the item that went there, and all that was never tried here. */
	handOver(sent: EntryId | null): readonly { readonly draft: Draft; readonly status: OutboxStatus }[] {
		const leaving = this.#rows.filter(
			(row) => row.draft.id === sent || (row.status.state === "queued" && !row.attempted),
		);
		for (const row of leaving) this.#remove(row);
		if (leaving.length > 0) this.#settle();
		return leaving;
	}

	close(): void {
		this.#timer.clear();
	}

	#insert(draft: Draft, status: OutboxStatus): void {
		const row: Row = { draft, status, attempted: false };
		this.#rows = [...this.#rows, row];
		if (status.state !== "sent") this.#keep(row);
		this.#settle();
	}

	/** Sends what is due, and tells what things are like now. */
	#settle(): void {
		this.#pump();
		this.#options.changed(this.#items());
	}

	#pump(): void {
		const next = this.#rows.find(({ status }) => status.state === "queued" || status.state === "sending");
		if (next === undefined) this.#timer.clear();
		if (next?.status.state !== "queued") return;
		const now = this.#options.platform.now();
		if (next.status.retryAt !== null && next.status.retryAt > now) {
			this.#timer.set(next.status.retryAt - now, () => this.#settle());
			return;
		}
		this.#transmit(next, now);
	}

	#transmit(row: Row, now: number): void {
		const { id, body, note, attachments, mentions, after } = row.draft;
		const frame: ClientFrame = {
			type: "send",
			id,
			session: this.#options.session,
			body,
			...(note ? { note } : {}),
			...(attachments.length > 0 ? { attachments: attachments.map(({ id }) => id) } : {}),
			...(mentions ? { mentions: [...mentions] } : {}),
			...(after === undefined ? {} : { after }),
		};
		if (new TextEncoder().encode(JSON.stringify(frame)).length > FRAME_BYTES) {
			const message = "This message is too long.";
			row.status = { state: "failed", code: "too_large", message, retryable: false };
			this.#keep(row);
			this.#pump();
			return;
		}
		if (!this.#options.transmit(frame)) return;
		row.attempted = true;
		row.status = { state: "sending", since: now };
		this.#timer.set(ACK_MS, () => this.unanswered(id));
	}

	#dropShown(): boolean {
		const rows = this.#rows.filter(({ status }) => status.state !== "sent" || status.seq > this.#shownTo);
		const changed = rows.length < this.#rows.length;
		this.#rows = rows;
		return changed;
	}

	#row(id: EntryId): Row | undefined {
		return this.#rows.find((row) => row.draft.id === id);
	}

	#remove(row: Row): void {
		this.#rows = this.#rows.filter((other) => other !== row);
		this.#forget(row);
	}

	#keep(row: Row): void {
		const { owner, session, store } = this.#options;
		const failed = row.status.state === "failed" ? row.status : undefined;
		store.put(draftKey(owner, session, row.draft), writeDraft({ ...row.draft, failed }));
	}

	#forget(row: Row): void {
		const { owner, session, store } = this.#options;
		store.delete(draftKey(owner, session, row.draft));
	}

	#items(): readonly OutboxItem[] {
		return this.#rows.map(({ draft: { failed: _, after: __, mentions, ...draft }, status }) => ({
			...draft,
			...(mentions ? { mentions } : {}),
			status,
		}));
	}
}

function rowOf(draft: Draft): Row {
	// Whoever wrote it may have sent it and not lived to see the answer.
	return { draft, status: draft.failed ?? QUEUED, attempted: true };
}

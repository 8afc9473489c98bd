import {
	type ClientFrame,
	type Entry,
	type EntryId,
	type Epoch,
	type Follow,
	LIMITS,
	type Page,
	type Party,
	type Presence,
	type Seq,
	type ServerFrame,
	type SessionEvents,
	type SessionId,
	type SessionSummary,
	type You,
} from "../protocol/types.js";
import type {
	Http,
	KnownSession,
	OutboxItem,
	Platform,
	QueuePlace,
	SendOptions,
	SessionSnapshot,
} from "./api.js";
import { Value } from "./observable.js";
import type { Outbox } from "./outbox.js";
import {
	continuationOf,
	emptySnapshot,
	isParted,
	lastSeq,
	mergeEntries,
	newerSummary,
	withAnswer,
	withEntry,
	withPresence,
	withReceipt,
	withTyping,
} from "./snapshot.js";
import { Timer } from "./timer.js";
import { TypingOut } from "./typing.js";

const PAGE = 50;
/** How long a server may take to say that somebody is still here: another one has to ask the others. */
const CONFIRM_MS = 2_000;

export interface SessionHost {
	readonly platform: Platform;
	readonly http: Http;
	/** False when there is no connection. */
	transmit(frame: ClientFrame): boolean;
	you(): You | null;
	/** A summary that came inside of other news. */
	summary(summary: SessionSummary): void;
	/** Entries that stand for what an outbox, of whichever session, still holds. */
	arrived(entries: readonly Entry[]): void;
	/** It is known now where this closed session goes on. */
	continued(from: SessionId, to: SessionId): void;
}

/** One followed session: what it looks like, and what is told about it. */
export class Session {
	readonly id: SessionId;
	readonly snapshot: Value<SessionSnapshot>;
	readonly #host: SessionHost;
	readonly #outbox: Outbox;
	readonly #typingOut: TypingOut;
	readonly #reopen: Timer;
	readonly #typingEnds = new Map<string, Timer>();
	readonly #confirming: Timer;
	/** Who was here, by what another server said, and is not by what this one says so far. */
	readonly #unconfirmed = new Set<string>();
	/** The store that the entries' seqs belong to. */
	#epoch: Epoch | null = null;
	#wantedRead: Seq = 0;
	#unseen: boolean;

	constructor(id: SessionId, outbox: Outbox, host: SessionHost, unseen = false) {
		this.#unseen = unseen;
		this.id = id;
		this.#outbox = outbox;
		this.#host = host;
		this.snapshot = new Value(emptySnapshot(id));
		this.#reopen = new Timer(host.platform);
		this.#confirming = new Timer(host.platform);
		this.#typingOut = new TypingOut(host.platform, (on) => {
			host.transmit({ type: "typing", session: id, on });
		});
	}

	/** Where to go on from. */
	cursor(): Follow {
		const after = lastSeq(this.snapshot.get().entries);
		const unseen = this.#unseen ? { unseen: true } : {};
		if (after === 0 || this.#epoch === null) return { id: this.id, ...unseen };
		return { id: this.id, after, epoch: this.#epoch, ...unseen };
	}

	showUp(): void {
		if (!this.#unseen) return;
		this.#unseen = false;
		const { id: session, ...cursor } = this.cursor();
		this.#host.transmit({ type: "open", session, ...cursor });
	}

	send(body: string, options?: SendOptions): EntryId {
		this.#typingOut.set(false);
		return this.#outbox.add(body, options);
	}

	typing(on: boolean): void {
		this.#typingOut.set(on);
	}

	read(seq: Seq): void {
		if (seq <= this.#wantedRead) return;
		this.#wantedRead = seq;
		this.#host.transmit({ type: "read", session: this.id, seq });
	}

	async loadOlder(): Promise<void> {
		const before = this.snapshot.get();
		const first = before.entries[0]?.seq;
		if (first === undefined || !before.more || before.loading !== null) return;
		const epoch = this.#epoch;
		this.#update({ loading: "older" });
		try {
			const path = `/sessions/${this.id}/entries?before=${first}&limit=${PAGE}`;
			const page = await this.#host.http.get<Page<Entry>>(path);
			// A reset in between: these seqs belong to another store.
			if (this.#epoch !== epoch) return;
			const entries = mergeEntries(this.snapshot.get().entries, page.items);
			this.#update({ entries, more: page.items.length === PAGE && (entries[0]?.seq ?? 1) > 1 });
		} finally {
			this.#update({ loading: null });
		}
	}

	outboxChanged(outbox: readonly OutboxItem[]): void {
		this.#update({ outbox });
	}

	/** Another connection: its server tells anew who is here, and does not know what we have read meanwhile. */
	connected(): void {
		this.disconnected();
		const { summary, presence } = this.snapshot.get();
		this.#doubt(presence);
		const side = this.#host.you()?.kind === "customer" ? "customer" : "team";
		if (this.#wantedRead > (summary?.read[side] ?? 0)) {
			this.#host.transmit({ type: "read", session: this.id, seq: this.#wantedRead });
		}
	}

	/** Who was here is most likely still here: the connection may be back in a moment. */
	disconnected(): void {
		this.#reopen.clear();
		this.#confirming.clear();
		for (const timer of this.#typingEnds.values()) timer.clear();
		this.#typingEnds.clear();
		this.#typingOut.reset();
		if (this.snapshot.get().typing.length > 0) this.#update({ typing: [] });
	}

	/** The connection has been gone for a while. */
	away(): void {
		if (this.snapshot.get().presence.length > 0) this.#update({ presence: [] });
		this.#update({ place: null });
	}

	/** Before any connection has told of it. */
	begin({ session, entries, epoch }: KnownSession): void {
		this.#page(session, entries, false, (entries[0]?.seq ?? 1) > 1, epoch);
	}

	opened(frame: Extract<ServerFrame, { type: "opened" }>, epoch: Epoch | null): void {
		this.#page(frame.session, frame.entries, frame.reset, frame.more, epoch);
	}

	polled(events: SessionEvents): readonly Entry[] {
		const fresh = this.snapshot.get().loading === "first" || events.reset;
		const known = this.#knownSeqs();
		const older = (events.entries[0]?.seq ?? 1) > 1;
		this.#page(events.session, events.entries, events.reset, older, events.epoch);
		this.#update({ place: placeOf(events.queue) });
		let { receipts } = this.snapshot.get();
		for (const receipt of events.receipts) receipts = withReceipt(receipts, receipt);
		const typing = events.typing.filter((who) => !this.#isMe(who));
		const here = events.presence.filter(({ who }) => !this.#isMe(who));
		const told = new Set(here.map(({ who }) => keyOf(who)));
		const absent = this.snapshot.get().presence.filter(({ who }) => !told.has(keyOf(who)));
		for (const key of told) this.#confirm(key);
		// Each answer may come from another server.
		this.#doubt(absent);
		this.#update({ typing, presence: [...here, ...absent], receipts });
		const news = events.entries.filter((entry) => !known.has(entry.seq));
		if (news.some((entry) => this.#isOurs(entry))) this.#typingOut.again();
		return fresh ? [] : news;
	}

	/** Whether it was news. */
	entry(entry: Entry): boolean {
		const before = this.snapshot.get().entries;
		const entries = mergeEntries(before, [entry]);
		this.#host.arrived([entry]);
		this.#outbox.shownTo(lastSeq(entries));
		if (entries === before) return false;
		// Who has written it has stopped writing, whatever the signals say.
		if (entry.sender.kind !== "system") this.#setTyping(entry.sender, false);
		if (this.#isOurs(entry)) this.#typingOut.again();
		const { summary, place } = this.snapshot.get();
		this.#update({ entries, summary: withEntry(summary, entry), place: withAnswer(place, entry) });
		this.#continue();
		return true;
	}

	summary(summary: SessionSummary): void {
		const before = this.snapshot.get().summary;
		const newer = newerSummary(before, summary);
		if (newer === before) return;
		this.#update({ summary: newer });
		this.#continue();
	}

	/** Null: it is not in line (any more). */
	placed(told: Told | null): void {
		this.#update({ place: placeOf(told) });
	}

	typingSignal(who: Party, on: boolean): void {
		if (!this.#isMe(who)) this.#setTyping(who, on);
	}

	presenceSignal(who: Party, online: boolean): void {
		if (this.#isMe(who)) return;
		this.#confirm(keyOf(who));
		this.#update({ presence: withPresence(this.snapshot.get().presence, { who, online }) });
	}

	receiptSignal(who: Party, seq: Seq, delivered: Seq): void {
		this.#update({ receipts: withReceipt(this.snapshot.get().receipts, { who, seq, delivered }) });
	}

	/** A frame about this session could not be served just now; if it was the one that opens it, we would wait for ever. */
	refused(waitMs: number): void {
		this.#reopen.set(waitMs, () => {
			const { id: session, ...cursor } = this.cursor();
			this.#host.transmit({ type: "open", session, ...cursor });
		});
	}

	missing(): void {
		this.#update({ missing: true, loading: null });
	}

	close(): void {
		this.disconnected();
	}

	#page(
		summary: SessionSummary,
		coming: readonly Entry[],
		reset: boolean,
		more: boolean,
		epoch: Epoch | null,
	): void {
		const before = this.snapshot.get();
		const first = reset || before.entries.length === 0;
		if (reset && before.entries.length > 0) {
			// Receipts, read positions and acks speak of another store's seqs.
			this.#wantedRead = 0;
			this.#outbox.dropSent();
		}
		this.#epoch = epoch;
		const entries = mergeEntries(first ? [] : before.entries, coming);
		this.#host.arrived(coming);
		this.#outbox.shownTo(lastSeq(entries));
		this.#update({
			entries,
			// What has happened meanwhile; where it is still in line, the server says so next.
			place: summary.assignee === null ? coming.reduce(withAnswer, before.place) : null,
			summary: reset ? summary : newerSummary(before.summary, summary),
			more: first ? more : before.more,
			receipts: reset ? [] : before.receipts,
			loading: before.loading === "older" ? "older" : null,
			missing: false,
		});
		this.#host.summary(summary);
		this.#continue();
	}

	#setTyping(who: Party, on: boolean): void {
		const key = keyOf(who);
		let timer = this.#typingEnds.get(key);
		if (on) {
			timer ??= new Timer(this.#host.platform);
			this.#typingEnds.set(key, timer);
			timer.set(LIMITS.typingMs, () => this.#setTyping(who, false));
		} else {
			timer?.clear();
			this.#typingEnds.delete(key);
		}
		this.#update({ typing: withTyping(this.snapshot.get().typing, who, on) });
	}

	/** They may be gone. */
	#doubt(people: readonly Presence[]): void {
		for (const { who } of people) this.#unconfirmed.add(keyOf(who));
		if (people.length === 0 || this.#confirming.pending) return;
		this.#confirming.set(CONFIRM_MS, () => this.#forgetUnconfirmed());
	}

	#confirm(key: string): void {
		this.#unconfirmed.delete(key);
		if (this.#unconfirmed.size === 0) this.#confirming.clear();
	}

	#forgetUnconfirmed(): void {
		const { presence } = this.snapshot.get();
		this.#update({ presence: presence.filter(({ who }) => !this.#unconfirmed.has(keyOf(who))) });
		this.#unconfirmed.clear();
	}

	#continue(): void {
		const snapshot = this.snapshot.get();
		if (isParted(snapshot)) this.#update({ continuedBy: null });
		const to = snapshot.continuedBy === null ? continuationOf(snapshot) : null;
		if (to === null || to === this.id) return;
		this.continueIn(to);
	}

	continueIn(to: SessionId): void {
		if (this.snapshot.get().continuedBy === to) return;
		this.#update({ continuedBy: to });
		this.#host.continued(this.id, to);
	}

	#knownSeqs(): ReadonlySet<Seq> {
		return new Set(this.snapshot.get().entries.map((entry) => entry.seq));
	}

	#isOurs({ kind, sender }: Entry): boolean {
		return kind === "message" && sender.kind !== "system" && this.#isMe(sender);
	}

	#isMe(who: Party): boolean {
		const you = this.#host.you();
		return you !== null && you.kind === who.kind && you.id === who.id;
	}

	#update(change: Partial<SessionSnapshot>): void {
		const before = this.snapshot.get();
		const changed = (Object.keys(change) as (keyof SessionSnapshot)[]).some(
			(key) => before[key] !== change[key],
		);
		if (changed) this.snapshot.set({ ...before, ...change });
	}
}

type Told = Omit<Extract<ServerFrame, { type: "queue" }>, "type" | "session">;

const placeOf = (told: Told | null | undefined): QueuePlace | null =>
	told ? { position: told.position, waiting: told.waiting, estimateS: told.estimate_s ?? null } : null;

const keyOf = ({ kind, id }: Party): string => `${kind}/${id ?? ""}`;

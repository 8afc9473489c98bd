import type {
	Entry,
	Follow,
	Party,
	PollSession,
	Presence,
	Receipt,
	SessionEvents,
	SessionSummary,
} from "../protocol/types.js";
import { makeEvent, makeSummary } from "./make.js";

/** One session as the fake server keeps it. */
export class FakeChat {
	readonly id: string;
	entries: Entry[];
	summary: SessionSummary;
	typing: Party[] = [];
	presence: Presence[] = [];
	receipts: Receipt[] = [];

	constructor(id: string) {
		this.id = id;
		this.entries = [makeEvent(1, { type: "started", channel: "web" })];
		this.summary = makeSummary(id);
	}

	append(make: (seq: number) => Entry): Entry {
		const entry = make((this.entries.at(-1)?.seq ?? 0) + 1);
		this.entries.push(entry);
		this.change({ last_seq: entry.seq });
		return entry;
	}

	change(change: Partial<SessionSummary>): void {
		this.summary = { ...this.summary, version: this.summary.version + 1, ...change };
	}

	/** What somebody at this cursor does not have yet. */
	after(follow: Follow | PollSession, epoch: string, limit: number) {
		const { after } = follow;
		const foreign = follow.epoch !== undefined && follow.epoch !== epoch;
		const last = this.entries.at(-1)?.seq ?? 0;
		if (after === undefined || foreign || after > last) {
			const entries = this.entries.slice(-limit);
			return { entries, more: entries.length < this.entries.length, reset: after !== undefined };
		}
		const missed = this.entries.filter((entry) => entry.seq > after).slice(0, limit);
		return { entries: missed, more: after > 0, reset: false };
	}

	get state(): string {
		return JSON.stringify([this.typing, this.presence, this.receipts, this.summary.version]);
	}

	events(entries: Entry[], reset: boolean, epoch: string): SessionEvents {
		const { typing, presence, receipts, summary: session, state } = this;
		const last_seq = entries.at(-1)?.seq ?? this.entries.at(-1)?.seq ?? 0;
		return { epoch, reset, entries, last_seq, typing, presence, receipts, session, state, retry_after_ms: 0 };
	}
}

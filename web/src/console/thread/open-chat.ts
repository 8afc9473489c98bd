/** The chat that is open: its live log, its draft, and what an agent can do to it. */

import { batch, type ReadonlySignal, signal } from "@preact/signals";
import { type Client, HttpError, reach, type SessionSnapshot } from "../../client/index.js";
import type {
	AgentId,
	AssignSession,
	EntryId,
	MergeSession,
	PatchSession,
	Seq,
	SessionId,
	SessionSummary,
	Status,
	TransferSession,
	You,
} from "../../protocol/types.js";
import type { Drafts } from "../drafts.js";
import { follow } from "../live.js";
import { type NewMark, newMark } from "./items.js";

/** An act under way. */
export type Act = "take" | "resolve" | "close" | "reopen" | "change" | "assign" | "hand-over" | "merge";

/** One chat, while it is looked at. */
export interface OpenChat {
	readonly id: SessionId;
	readonly snapshot: ReadonlySignal<SessionSnapshot>;
	/** Set on opening, and fixed until the chat is left. */
	readonly mark: ReadonlySignal<NewMark | null>;
	readonly draft: ReadonlySignal<string>;
	/** Who of the team answered while something was being written here. */
	readonly answered: ReadonlySignal<string | null>;
	/** When the customer was seen reading, and how far. Null: read before we looked. */
	readonly readSeen: ReadonlySignal<{ readonly seq: Seq; readonly at: number } | null>;
	/** Why the last act did not work. */
	readonly trouble: ReadonlySignal<string | null>;
	readonly busy: ReadonlySignal<Act | null>;
	/** Keeps what is typed, and lets the customer know that somebody types. */
	write(text: string): void;
	/** Sends what is typed. */
	send(): void;
	retry(id: EntryId): void;
	discard(id: EntryId): void;
	loadOlder(): Promise<void>;
	read(seq: Seq): void;
	take(): Promise<boolean>;
	setStatus(status: Status): Promise<boolean>;
	/** Gives it to somebody, or (null) puts it back in line. */
	assign(agent: AgentId | null): Promise<boolean>;
	/** For those who say themselves why it did not work: null, or the refusal. */
	change(patch: PatchSession): Promise<HttpError | null>;
	/** As `change`: to a colleague, with a word that only the team sees. */
	handOver(agent: AgentId, note: string): Promise<HttpError | null>;
	/** As `change`: it goes on in another chat of the same customer. */
	merge(into: SessionId): Promise<HttpError | null>;
	/** As `change`: it is one of its own again. */
	unmerge(): Promise<HttpError | null>;
	dismissTrouble(): void;
	leave(): void;
}

/** What an open chat needs around it. */
export interface OpenChatOptions {
	readonly client: Client;
	readonly id: SessionId;
	readonly me: You;
	readonly drafts: Drafts;
	/** What we sent to a closed chat opened this one. */
	readonly onContinued: (next: SessionId) => void;
	/** Every refusal passes here first: the login may be over. */
	readonly onError: (error: unknown) => void;
	readonly now?: () => number;
}

/** Opens a chat, until `leave`. */
export function openChat(options: OpenChatOptions): OpenChat {
	const { client, id, me, drafts } = options;
	const now = options.now ?? Date.now;
	const stream = client.openSession(id);
	const { value: snapshot, stop } = follow(stream);
	const mark = signal<NewMark | null>(null);
	const draft = signal(drafts.get(id));
	const answered = signal<string | null>(null);
	const readSeen = signal<{ seq: Seq; at: number } | null>(null);
	const trouble = signal<string | null>(null);
	const busy = signal<Act | null>(null);
	/** The last entry that has been looked at; null before the first answer. */
	let seen: Seq | null = null;
	let read: Seq = 0;
	let sentHere = false;

	const look = (next: SessionSnapshot) => {
		if (next.loading === "first" || !next.summary) return;
		const customerRead = reach(next, "customer").read;
		if (seen === null) {
			mark.value = newMark(next.entries, next.summary.read.team);
		} else {
			const since = seen;
			const other = next.entries.find(
				({ seq, kind, sender }) =>
					seq > since && kind === "message" && sender.kind === "agent" && sender.id !== me.id,
			);
			if (other && draft.value.trim() && other.sender.kind === "agent") {
				answered.value = other.sender.name ?? "Somebody of the team";
			}
			if (customerRead > read) readSeen.value = { seq: customerRead, at: now() };
		}
		read = customerRead;
		seen = next.entries.at(-1)?.seq ?? seen ?? 0;
		if (next.continuedBy && sentHere) {
			sentHere = false;
			options.onContinued(next.continuedBy);
		}
	};
	look(snapshot.value);
	const stopLooking = stream.subscribe((next) => batch(() => look(next)));

	const write = (text: string) => {
		draft.value = text;
		drafts.set(id, text);
		stream.typing(text.trim() !== "");
		if (!text) answered.value = null;
	};

	/** One thing at a time. */
	const attempt = async (name: Act, run: () => Promise<unknown>): Promise<HttpError | null> => {
		if (busy.value) return new HttpError(0, null, "Something else is under way. Try again in a moment.");
		busy.value = name;
		trouble.value = null;
		try {
			await run();
			return null;
		} catch (error) {
			options.onError(error);
			if (!(error instanceof HttpError)) throw error;
			return error;
		} finally {
			busy.value = null;
		}
	};

	const act = async (
		name: Act,
		run: () => Promise<unknown>,
		explain: (error: HttpError) => Promise<string>,
	) => {
		if (busy.value) return false;
		const error = await attempt(name, run);
		if (error) trouble.value = await explain(error);
		return error === null;
	};

	const path = `/sessions/${encodeURIComponent(id)}`;
	const says = async (error: HttpError) => error.message;

	return {
		id,
		snapshot,
		mark,
		draft,
		answered,
		readSeen,
		trouble,
		busy,
		write,
		send() {
			const text = draft.value.trim();
			if (!text) return;
			sentHere = true;
			stream.send(text);
			write("");
		},
		retry: (item) => stream.retry(item),
		discard: (item) => stream.discard(item),
		async loadOlder() {
			try {
				await stream.loadOlder();
			} catch (error) {
				options.onError(error);
				if (!(error instanceof HttpError)) throw error;
				trouble.value = "Older messages did not come. Scroll up again to retry.";
			}
		},
		read: (seq) => stream.read(seq),
		take: () =>
			act(
				"take",
				() => client.http.post<SessionSummary>(`${path}/claim`),
				async (error) => {
					if (error.code !== "already_claimed") return error.message;
					return takenFirst(await holder(client, path)) ?? error.message;
				},
			),
		setStatus: (status) =>
			act(
				status === "resolved" ? "resolve" : status === "closed" ? "close" : "reopen",
				() => client.http.patch<SessionSummary>(path, { status }),
				says,
			),
		assign: (agent_id) =>
			act(
				"assign",
				() => client.http.post<SessionSummary>(`${path}/assign`, { agent_id } satisfies AssignSession),
				says,
			),
		change: (patch) => attempt("change", () => client.http.patch<SessionSummary>(path, patch)),
		handOver: (agent_id, note) =>
			attempt("hand-over", () => {
				const body: TransferSession = note.trim() ? { agent_id, note: note.trim() } : { agent_id };
				return client.http.post<SessionSummary>(`${path}/transfer`, body);
			}),
		merge: (into) =>
			attempt("merge", () =>
				client.http.post<SessionSummary>(`${path}/merge`, { into } satisfies MergeSession),
			),
		unmerge: () => attempt("merge", () => client.http.post<SessionSummary>(`${path}/unmerge`)),
		dismissTrouble() {
			trouble.value = null;
		},
		leave() {
			stopLooking();
			stop();
			stream.leave();
		},
	};
}

/** Who has it now. Null when even that cannot be learnt. */
async function holder(client: Client, path: string): Promise<string | null> {
	try {
		return (await client.http.get<SessionSummary>(path)).assignee?.name ?? null;
	} catch {
		return null;
	}
}

/** The sentence for a chat that somebody else took first. */
export const takenFirst = (name: string | null): string | null =>
	name ? `${name} took this chat just before you.` : null;

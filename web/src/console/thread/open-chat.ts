/** The chat that is open: its live log, its draft, and what an agent can do to it. */

import { batch, type ReadonlySignal, signal } from "@preact/signals";
import { type Client, HttpError, type OutboxItem, reach, type SessionSnapshot } from "../../client/index.js";
import type {
	AgentId,
	AgentRef,
	AssignSession,
	Entry,
	EntryId,
	EntryVersion,
	MacroId,
	MacroRun,
	MergeSession,
	Page,
	PatchSession,
	RunMacro,
	Seq,
	SessionId,
	SessionSummary,
	Status,
	TransferSession,
	You,
} from "../../protocol/types.js";
import type { Drafts } from "../drafts.js";
import { follow } from "../live.js";
import { runMacro } from "../ticket/macros.js";
import { type ChatFiles, chatFiles } from "./chat-files.js";
import { holder, takenFirst } from "./holder.js";
import { type NewMark, newMark } from "./items.js";
import { stillNamed } from "./mentions.js";

/** An act under way. */
export type Act =
	| "take"
	| "resolve"
	| "close"
	| "reopen"
	| "change"
	| "assign"
	| "hand-over"
	| "edit"
	| "delete"
	| "join"
	| "merge"
	| "macro";

/** One chat, while it is looked at. */
export interface OpenChat extends ChatFiles {
	readonly id: SessionId;
	readonly snapshot: ReadonlySignal<SessionSnapshot>;
	/** Set on opening, and fixed until the chat is left. */
	readonly mark: ReadonlySignal<NewMark | null>;
	readonly draft: ReadonlySignal<string>;
	/** Who of the team answered while something was being written here. */
	readonly answered: ReadonlySignal<string | null>;
	/** What is typed is a note, for the team only. */
	readonly noting: ReadonlySignal<boolean>;
	/** What is typed is the new text of this. */
	readonly editing: ReadonlySignal<Entry | null>;
	/** Who answered, while it is asked whether to send all the same. */
	readonly question: ReadonlySignal<string | null>;
	/** Nobody is told that I look on. */
	readonly unseen: ReadonlySignal<boolean>;
	/** When the customer was seen reading, and how far. Null: read before we looked. */
	readonly readSeen: ReadonlySignal<{ readonly seq: Seq; readonly at: number } | null>;
	/** Why the last act did not work. */
	readonly trouble: ReadonlySignal<string | null>;
	readonly busy: ReadonlySignal<Act | null>;
	/** It is sent when its files are there. */
	readonly waiting: ReadonlySignal<boolean>;
	/** Keeps what is typed, and lets the customer know that somebody types. */
	write(text: string): void;
	/** Sends what is typed; of a reply asks first, if somebody answered meanwhile. */
	send(): void;
	/** The answer to the question. */
	sendAnyway(): void;
	keepEditing(): void;
	/** From a reply to a note, or back: each keeps its text. */
	setNoting(on: boolean): void;
	/** Names a colleague in the note. */
	mention(agent: AgentRef): void;
	/** Puts what was said into the field, to be changed; null puts back what was typed. */
	edit(entry: Entry | null): void;
	remove(entry: Entry): Promise<boolean>;
	/** What it said before; or the refusal. */
	history(entry: Entry): Promise<readonly EntryVersion[] | HttpError>;
	retry(id: EntryId): void;
	discard(id: EntryId): void;
	/** Puts what was not sent back into the field. */
	takeBack(item: OutboxItem): void;
	/** From now on the team sees that I am here. */
	join(): Promise<boolean>;
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
	/** To an agent, a team, or whoever has a skill. */
	transfer(to: TransferSession): Promise<HttpError | null>;
	/** Runs a macro; under the same id again is the same run. The refusal, if it was one. */
	runMacro(macro: MacroId, run: RunMacro): Promise<MacroRun | HttpError>;
	dismissTrouble(): void;
	leave(): void;
}

/** What an open chat needs around it. */
export interface OpenChatOptions {
	readonly client: Client;
	readonly id: SessionId;
	readonly me: You;
	readonly drafts: Drafts;
	/** Nobody is to be told that I look on. */
	readonly unseen?: boolean;
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
	const unseen = signal(options.unseen ?? false);
	const stream = client.openSession(id, unseen.value ? { unseen: true } : {});
	const { value: snapshot, stop } = follow(stream);
	const mark = signal<NewMark | null>(null);
	const draft = signal(drafts.get(id));
	const noting = signal(false);
	const editing = signal<Entry | null>(null);
	const question = signal<string | null>(null);
	/** Who was named in the note. */
	const chosen = new Map<AgentId, string>();
	/** What the reply knows of: the last entry when its writing began. */
	let since: Seq | null = null;
	const answered = signal<string | null>(null);
	const readSeen = signal<{ seq: Seq; at: number } | null>(null);
	const trouble = signal<string | null>(null);
	const busy = signal<Act | null>(null);
	const waiting = signal(false);
	const path = `/sessions/${encodeURIComponent(id)}`;
	const ofFiles = chatFiles(client, id, drafts, () => snapshot.value.summary?.site);
	const { uploads } = ofFiles;
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
			const writes = draft.value.trim() && !noting.value && editing.value === null;
			if (other && writes && other.sender.kind === "agent") {
				answered.value = other.sender.name ?? "Somebody of the team";
			}
			if (customerRead > read) readSeen.value = { seq: customerRead, at: now() };
		}
		read = customerRead;
		seen = next.entries.at(-1)?.seq ?? seen ?? 0;
		if (draft.value.trim() && since === null) since = seen;
		if (next.continuedBy && sentHere) {
			sentHere = false;
			options.onContinued(next.continuedBy);
		}
	};
	look(snapshot.value);
	const stopLooking = stream.subscribe((next) => batch(() => look(next)));

	const kept = () => (noting.value ? `${id}.note` : id);
	const write = (text: string) => {
		if (!draft.value.trim()) since = seen;
		draft.value = text;
		if (editing.value) return;
		drafts.set(kept(), text);
		// What is written for the team is not the customer's business.
		stream.typing(!noting.value && text.trim() !== "");
		if (!text) {
			answered.value = null;
			since = null;
		}
	};

	const files = () => {
		const attachments = uploads.take();
		return attachments.length > 0 ? { attachments } : {};
	};
	const reply = () => {
		sentHere = true;
		stream.send(draft.value.trim(), { ...files(), ...(since === null ? {} : { after: since }) });
		write("");
	};

	const note = () => {
		const text = draft.value.trim();
		stream.send(text, { note: true, mentions: stillNamed(text, chosen), ...files() });
		chosen.clear();
		write("");
	};

	const edit = (entry: Entry | null) => {
		editing.value = entry;
		draft.value = entry ? entry.body : drafts.get(kept());
		if (entry) stream.typing(false);
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

	const entryPath = (entry: Entry) => `${path}/entries/${encodeURIComponent(entry.id)}`;

	const save = async (entry: Entry) => {
		const body = draft.value.trim();
		if (body === entry.body) return edit(null);
		const done = await act("edit", () => client.http.patch<Entry>(entryPath(entry), { body }), says);
		if (done && editing.value === entry) edit(null);
	};
	const says = async (error: HttpError) => error.message;

	const chat: OpenChat = {
		id,
		snapshot,
		mark,
		draft,
		answered,
		readSeen,
		trouble,
		busy,
		...ofFiles,
		waiting,
		write,
		noting,
		editing,
		question,
		unseen,
		send() {
			if (!draft.value.trim() && (uploads.empty || editing.value)) return;
			if (!editing.value && uploads.failed) return;
			waiting.value = !editing.value && uploads.busy;
			if (waiting.value) return;
			if (editing.value) void save(editing.value);
			else if (noting.value) note();
			else if (answered.value) question.value = answered.value;
			else reply();
		},
		sendAnyway() {
			question.value = null;
			since = seen;
			reply();
		},
		keepEditing() {
			question.value = null;
			answered.value = null;
			since = seen;
		},
		setNoting(on) {
			if (editing.value) edit(null);
			noting.value = on;
			stream.typing(false);
			draft.value = drafts.get(kept());
			answered.value = null;
			since = seen;
		},
		mention: ({ id: agent, name }) => void chosen.set(agent, name),
		edit,
		remove: (entry) => act("delete", () => client.http.delete(entryPath(entry)), says),
		async history(entry) {
			try {
				return (await client.http.get<Page<EntryVersion>>(`${entryPath(entry)}/history`)).items;
			} catch (error) {
				options.onError(error);
				if (!(error instanceof HttpError)) throw error;
				return error;
			}
		},
		takeBack(item) {
			stream.discard(item.id);
			if (noting.value !== item.note) this.setNoting(item.note);
			uploads.putBack(item.attachments);
			write([draft.value.trim(), item.body].filter((text) => text !== "").join("\n"));
			since = seen;
		},
		async join() {
			const joined = await act("join", () => client.http.post<SessionSummary>(`${path}/join`), says);
			if (joined) {
				unseen.value = false;
				stream.showUp();
			}
			return joined;
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
		handOver(agent_id, note) {
			return this.transfer(note.trim() ? { agent_id, note: note.trim() } : { agent_id });
		},
		transfer: (body) =>
			attempt("hand-over", () => client.http.post<SessionSummary>(`${path}/transfer`, body)),
		merge: (into) =>
			attempt("merge", () =>
				client.http.post<SessionSummary>(`${path}/merge`, { into } satisfies MergeSession),
			),
		async runMacro(macro, run) {
			let done: MacroRun = { id: run.id, seq: null, duplicate: false };
			const refusal = await attempt("macro", async () => {
				done = await runMacro(client.http, id, macro, run);
			});
			return refusal ?? done;
		},
		unmerge: () => attempt("merge", () => client.http.post<SessionSummary>(`${path}/unmerge`)),
		dismissTrouble() {
			trouble.value = null;
		},
		leave() {
			uploads.close();
			stopLooking();
			stop();
			stream.leave();
		},
	};
	uploads.items.subscribe(() => {
		if (!waiting.value || uploads.busy) return;
		waiting.value = false;
		chat.send();
	});
	return chat;
}

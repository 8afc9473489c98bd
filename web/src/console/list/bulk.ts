/** Several chats chosen in the list, and the one thing that is done to all of them. */

import { batch, type ReadonlySignal, signal } from "@preact/signals";
import { type Client, HttpError } from "../../client/index.js";
import type { Bulk, BulkAction, NewBulk, SessionId, SessionSummary } from "../../protocol/types.js";
import type { Announcer } from "../desk/announcer.js";
import { contactName, PRIORITY_WORDS, STATUS_WORDS } from "../names.js";

/** The server takes no more at a time. */
export const MOST = 1_000;
/** How often it is asked how far a job is. */
const ASK_MS = 400;
/** And after it did not answer. */
const AGAIN_MS = 2_000;

/** Which chats are chosen, and what is done to them. */
export interface Bulks {
	/** Rows have boxes. */
	readonly choosing: ReadonlySignal<boolean>;
	readonly chosen: ReadonlySignal<ReadonlySet<SessionId>>;
	readonly job: ReadonlySignal<Job | null>;
	/** Shows the boxes; once more: hides them. */
	begin(): void;
	toggle(id: SessionId): void;
	/** Chooses all from the last one that was chosen to this one, as they stand in `rows`. */
	extend(id: SessionId, rows: readonly SessionId[]): void;
	all(rows: readonly SessionId[]): void;
	clear(): void;
	/** Does it to these. The refusal, if it was one. */
	run(action: BulkAction, sessions: readonly SessionSummary[]): Promise<HttpError | null>;
	dismiss(): void;
	close(): void;
}

/** A job, and what its chats are called. */
export interface Job {
	readonly bulk: Bulk;
	readonly names: ReadonlyMap<SessionId, string>;
}

interface BulksOptions {
	readonly client: Client;
	readonly announcer: Announcer;
	readonly onError: (error: unknown) => void;
}

/** Nothing chosen yet; until `close`. */
export function openBulks({ client, announcer, onError }: BulksOptions): Bulks {
	const choosing = signal(false);
	const chosen = signal<ReadonlySet<SessionId>>(new Set());
	const job = signal<Job | null>(null);
	let anchor: SessionId | null = null;
	let timer: ReturnType<typeof setTimeout> | undefined;

	const set = (ids: Iterable<SessionId>) =>
		batch(() => {
			chosen.value = new Set(ids);
			choosing.value = choosing.value || chosen.value.size > 0;
		});

	const watch = (names: Job["names"], id: string, ms: number) => {
		timer = setTimeout(async () => {
			try {
				const bulk = await client.http.get<Bulk>(`/bulk/${id}`);
				job.value = { bulk, names };
				if (bulk.state === "running") watch(names, id, ASK_MS);
				else announcer.say(doneWords(bulk));
			} catch (error) {
				onError(error);
				if (!(error instanceof HttpError)) throw error;
				// It goes on without us; one that is not there any more is not told of.
				if (error.retryable) watch(names, id, AGAIN_MS);
				else job.value = null;
			}
		}, ms);
	};

	const clear = () =>
		batch(() => {
			anchor = null;
			chosen.value = new Set();
			choosing.value = false;
		});

	return {
		choosing,
		chosen,
		job,
		begin() {
			if (choosing.value) clear();
			else choosing.value = true;
		},
		toggle(id) {
			anchor = id;
			const next = new Set(chosen.value);
			if (!next.delete(id)) next.add(id);
			set(next);
		},
		extend(id, rows) {
			const from = anchor === null ? -1 : rows.indexOf(anchor);
			const to = rows.indexOf(id);
			if (to < 0) return;
			const [first, last] = from < 0 ? [to, to] : [Math.min(from, to), Math.max(from, to)];
			if (from < 0) anchor = id;
			set([...chosen.value, ...rows.slice(first, last + 1)]);
		},
		all: (rows) => set(rows.slice(0, MOST)),
		clear,
		async run(action, sessions) {
			const names = new Map(sessions.map((one) => [one.id, `#${one.number} ${contactName(one.contact)}`]));
			try {
				const body: NewBulk = { ids: [...names.keys()], action };
				const bulk = await client.http.post<Bulk>("/sessions/bulk", body);
				clearTimeout(timer);
				clear();
				job.value = { bulk, names };
				announcer.say(`${doingWords(action)} ${chats(bulk.total)}`);
				watch(names, bulk.id, ASK_MS);
				return null;
			} catch (error) {
				onError(error);
				if (!(error instanceof HttpError)) throw error;
				return error;
			}
		},
		dismiss() {
			if (job.value?.bulk.state !== "running") job.value = null;
		},
		close: () => clearTimeout(timer),
	};
}

/** "1 chat", "12 chats" */
export const chats = (count: number): string => `${count} ${count === 1 ? "chat" : "chats"}`;

/** What is under way: "Resolving". */
export function doingWords(action: BulkAction): string {
	switch (action.type) {
		case "status":
			if (action.status === "closed") return "Closing";
			return action.status === "resolved"
				? "Resolving"
				: `Setting to ${STATUS_WORDS[action.status].toLowerCase()}`;
		case "priority":
			return `Setting to ${PRIORITY_WORDS[action.priority].toLowerCase()} priority:`;
		case "tags":
			return "Tagging";
		case "assign":
			return action.agent_id === null ? "Putting back in line:" : "Assigning";
	}
}

/** How it ended. */
export function doneWords({ state, total, done, failed }: Bulk): string {
	if (state === "stopped") {
		return `It stopped after ${done + failed} of ${chats(total)}. What was done is done; choose the rest again.`;
	}
	if (failed === 0) return `Done: ${chats(done)}`;
	return `Done: ${chats(done)}. ${failed} could not be changed.`;
}

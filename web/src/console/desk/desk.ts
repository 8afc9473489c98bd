/** The signed-in desk: the lists, the open chat, and what is told about them. */

import { computed, effect, type ReadonlySignal, signal, untracked } from "@preact/signals";
import { type Client, HttpError, type ListSnapshot, type Status } from "../../client/index.js";
import type { SessionId, SessionSummary, View, You } from "../../protocol/types.js";
import type { Drafts } from "../drafts.js";
import { liveList } from "../list/live-list.js";
import { follow } from "../live.js";
import { isSessionId, type Router, VIEWS } from "../router.js";
import { type OpenChat, openChat } from "../thread/open-chat.js";
import { type Announcer, createAnnouncer } from "./announcer.js";
import { canResolve, canTake } from "./can.js";
import { tellConnection, tellFailures, tellMessages } from "./telling.js";

/** A passing word at the bottom, perhaps with a way back. */
export interface Toast {
	readonly id: number;
	readonly text: string;
	readonly undo: (() => void) | null;
}

/** Everything that the signed-in pages show and do. */
export interface Desk {
	readonly me: You;
	readonly router: Router;
	readonly client: Client;
	readonly drafts: Drafts;
	readonly status: ReadonlySignal<Status>;
	/** The connection has been gone for long enough to speak of it. */
	readonly away: ReadonlySignal<boolean>;
	readonly lists: Readonly<Record<View, ReadonlySignal<ListSnapshot>>>;
	/** Null where none is asked for, or what was asked for cannot be one. */
	readonly chat: ReadonlySignal<OpenChat | null>;
	/** Messages for me that I have not read. */
	readonly unread: ReadonlySignal<number>;
	readonly announcer: Announcer;
	readonly toast: ReadonlySignal<Toast | null>;
	/** Says something in passing. */
	tell(text: string): void;
	dismissToast(id: number): void;
	/** Shows more of a long list. */
	showMore(view: View): void;
	/** Takes the open chat, where nobody has it; else the next in line. */
	take(): Promise<void>;
	resolve(): Promise<void>;
	close(): void;
}

/** What a desk needs around it. */
export interface DeskOptions {
	readonly client: Client;
	readonly me: You;
	readonly router: Router;
	readonly drafts: Drafts;
	/** The server no longer takes our login. */
	readonly onLost: () => void;
}

/** Opens the desk of the agent `me`, until `close`. */
export function openDesk({ client, me, router, drafts, onLost }: DeskOptions): Desk {
	const ends: (() => void)[] = [];
	const announcer = createAnnouncer();
	ends.push(() => announcer.close());

	const onError = (error: unknown) => {
		if (error instanceof HttpError && (error.status === 401 || error.code === "password_change_required"))
			onLost();
	};

	const status = follow(client.status);
	const away = follow(client.away);
	ends.push(status.stop, away.stop);
	ends.push(
		effect(() => {
			if (status.value.value.stopped?.code === 4500) onLost();
		}),
	);

	const lists = new Map(VIEWS.map((view) => [view, liveList(client, view)]));
	for (const list of lists.values()) ends.push(list.close);
	const watched = Object.fromEntries([...lists].map(([view, list]) => [view, list.value])) as Record<
		View,
		ReadonlySignal<ListSnapshot>
	>;

	const chat = signal<OpenChat | null>(null);
	const wanted = computed(() => router.place.value.session);
	ends.push(
		effect(() => {
			const id = wanted.value;
			const before = chat.peek();
			if (before?.id === id) return;
			const onContinued = (next: SessionId) => router.go({ session: next }, { replace: true });
			chat.value =
				id && isSessionId(id)
					? untracked(() => openChat({ client, id, me, drafts, onError, onContinued }))
					: null;
			before?.leave();
		}),
		() => chat.peek()?.leave(),
	);

	const toast = signal<Toast | null>(null);
	let toasts = 0;
	const showToast = (text: string, undo: Toast["undo"] = null) => {
		toasts += 1;
		toast.value = { id: toasts, text, undo };
		announcer.say(text);
	};

	ends.push(tellMessages(client, me, () => chat.peek()?.id ?? null, watched, announcer));
	ends.push(tellFailures(chat, announcer));
	ends.push(tellConnection(away.value, announcer));

	const takeNext = async () => {
		for (const next of watched.unassigned.peek().sessions) {
			try {
				await client.http.post<SessionSummary>(`/sessions/${encodeURIComponent(next.id)}/claim`);
				router.go({ view: "mine", session: next.id });
				return;
			} catch (error) {
				onError(error);
				if (!(error instanceof HttpError)) throw error;
				// Somebody was quicker: there may be another one.
				if (error.code === "already_claimed" || error.status === 404) continue;
				showToast(error.message);
				return;
			}
		}
		showToast("Nobody is in line.");
	};

	return {
		me,
		router,
		client,
		drafts,
		status: status.value,
		away: away.value,
		lists: watched,
		chat,
		unread: computed(() => watched.mine.value.sessions.reduce((sum, session) => sum + session.unread, 0)),
		announcer,
		toast,
		tell: (text) => showToast(text),
		showMore: (view) => lists.get(view)?.grow(),
		dismissToast(id) {
			if (toast.value?.id === id) toast.value = null;
		},
		async take() {
			const open = chat.value;
			const summary = open?.snapshot.value.summary;
			if (open && summary && canTake(summary)) await open.take();
			else await takeNext();
		},
		async resolve() {
			const open = chat.value;
			const summary = open?.snapshot.value.summary;
			if (!open || !summary || !canResolve(summary)) return;
			if (await open.setStatus("resolved")) {
				showToast("Chat resolved", () => void open.setStatus("in_progress"));
			}
		},
		close() {
			for (const end of ends.reverse()) end();
		},
	};
}

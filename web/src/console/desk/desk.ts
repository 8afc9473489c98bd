/** The signed-in desk: the lists, the open chat, and what is told about them. */

import { computed, effect, type ReadonlySignal, signal, untracked } from "@preact/signals";
import { type Client, HttpError, type ListSnapshot, type Status } from "../../client/index.js";
import type { SessionId, SessionSummary, TransferSession, ViewName, You } from "../../protocol/types.js";
import type { Drafts } from "../drafts.js";
import { type Bulks, openBulks } from "../list/bulk.js";
import { liveList } from "../list/live-list.js";
import { follow } from "../live.js";
import { contactName } from "../names.js";
import { isId, type Router, VIEWS } from "../router.js";
import { type OpenChat, openChat } from "../thread/open-chat.js";
import { type Colleague, type Colleagues, loadColleagues } from "../ticket/colleagues.js";
import { type Groups, loadGroups } from "../ticket/groups.js";
import { coming } from "../times.js";
import { openList } from "../views/open-list.js";
import { openViews, type Views } from "../views/views.js";
import { type Announcer, createAnnouncer } from "./announcer.js";
import { canLookOn, canResolve, canTake } from "./can.js";
import { openTold, type Told, toldWords } from "./notifications.js";
import { type Offers, openOffers } from "./offers.js";
import { openTeam, type Team } from "./team.js";
import { tellConnection, tellFailures, tellMessages } from "./telling.js";

/** A passing word at the bottom, perhaps with something to do about it. */
export interface Toast {
	readonly id: number;
	readonly text: string;
	readonly act: { readonly word: string; readonly run: () => void } | null;
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
	/** Those that everybody has. */
	readonly lists: Readonly<Record<ViewName, ReadonlySignal<ListSnapshot>>>;
	/** The saved ones. */
	readonly views: Views;
	/** That of the place where one is; null: there is no such view, or it is not known yet. */
	readonly list: ReadonlySignal<ListSnapshot | null>;
	/** Null where none is asked for, or what was asked for cannot be one. */
	readonly chat: ReadonlySignal<OpenChat | null>;
	/** The chat that was last left: what it was then. */
	readonly lastChat: ReadonlySignal<SessionSummary | null>;
	/** Messages for me that I have not read. */
	readonly unread: ReadonlySignal<number>;
	readonly team: Team;
	/** What I am told in person. */
	readonly told: Told;
	/** Chats that colleagues have are opened without telling anybody (supervisors). */
	readonly looksOnUnseen: ReadonlySignal<boolean>;
	readonly announcer: Announcer;
	/** Several chats at once. */
	readonly bulks: Bulks;
	readonly toast: ReadonlySignal<Toast | null>;
	/** Says something in passing. */
	tell(text: string): void;
	dismissToast(id: number): void;
	/** Shows more of a long list that is open. */
	showMore(): void;
	/** Takes the open chat, where nobody has it; else the next in line. */
	take(): Promise<void>;
	resolve(): Promise<void>;
	/** Puts the open chat aside until then; null takes it up again. The refusal, if it was one. */
	putAside(until: number | null): Promise<HttpError | null>;
	/** Hands the open chat to a colleague, with a word that only the team sees. */
	handOver(to: Colleague, note: string): Promise<HttpError | null>;
	/** Hands the open chat on to whoever of a team, or with a skill, takes it next. */
	handOn(
		to: Pick<TransferSession, "team_id" | "skill">,
		name: string,
		note: string,
	): Promise<HttpError | null>;
	/** The teams and skills that a chat can be for. */
	groups(): Promise<Groups>;
	/** What I am asked to take. */
	readonly offers: Offers;
	/** Puts the open chat back in line. */
	putBack(): Promise<void>;
	/** Takes the open chat from whoever has it. */
	takeOver(): Promise<void>;
	/** Lets the open chat go on in this one, and shows it. The refusal, if it was one. */
	merge(into: SessionSummary): Promise<HttpError | null>;
	/** Undoes that the open chat was merged. */
	unmerge(): Promise<void>;
	/** Whom the open chat can be given to: asked anew each time. */
	colleagues(): Promise<Colleagues>;
	/** Whom a note can name. */
	everybody(): Promise<Colleagues>;
	lookOnUnseen(on: boolean): void;
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
		ViewName,
		ReadonlySignal<ListSnapshot>
	>;

	const views = openViews({ client, onError });
	const list = openList({ client, router, lists, views });
	ends.push(
		() => views.close(),
		() => list.close(),
	);

	const unseenKey = `hubbub.unseen.${me.id}`;
	const looksOnUnseen = signal(canLookOn(me) && remembered(unseenKey));
	/** A chat that I have is not looked on at. */
	const looksOn = (id: SessionId) =>
		looksOnUnseen.peek() && !watched.mine.peek().sessions.some((mine) => mine.id === id);

	const chat = signal<OpenChat | null>(null);
	const lastChat = signal<SessionSummary | null>(null);
	const wanted = computed(() => router.place.value.session);
	ends.push(
		effect(() => {
			const id = wanted.value;
			const before = chat.peek();
			if (before?.id === id) return;
			const onContinued = (next: SessionId) => router.go({ session: next }, { replace: true });
			chat.value =
				id && isId(id)
					? untracked(() => openChat({ client, id, me, drafts, unseen: looksOn(id), onError, onContinued }))
					: null;
			lastChat.value = before?.snapshot.peek().summary ?? lastChat.peek();
			before?.leave();
		}),
		() => chat.peek()?.leave(),
	);

	const toast = signal<Toast | null>(null);
	let toasts = 0;
	const showToast = (text: string, act: Toast["act"] = null) => {
		toasts += 1;
		toast.value = { id: toasts, text, act };
		announcer.say(text);
	};

	/** Those that we have just asked for. */
	const taking = new Set<SessionId>();
	const onGiven = (given: SessionSummary) => {
		if (taking.has(given.id)) return;
		const open = { word: "Open", run: () => router.go({ view: "mine", session: given.id }) };
		showToast(`A chat came to you: ${contactName(given.contact)}`, open);
	};
	ends.push(
		tellMessages({ client, me, openId: () => chat.peek()?.id ?? null, lists: watched, announcer, onGiven }),
	);
	ends.push(tellFailures(chat, announcer));
	ends.push(tellConnection(away.value, announcer));

	const bulks = openBulks({ client, announcer, onError });
	ends.push(() => bulks.close());

	const team = openTeam({ client, me, announcer, onError });
	ends.push(() => team.close());

	const told = openTold({
		client,
		announcer,
		openId: () => chat.peek()?.id ?? null,
		// A chat that comes is told of by the lists.
		onTold: (notification) => {
			if (notification.kind !== "mention") return;
			const run = () => router.go({ session: notification.session });
			showToast(toldWords(notification), { word: "Open", run });
		},
		onError,
	});
	ends.push(
		() => told.close(),
		// Whoever looks at a chat takes note of what they were told of it.
		effect(() => {
			const open = chat.value?.id;
			if (open === undefined) return;
			const isNew = told.items.value.some((one) => one.session === open && one.read_at === null);
			if (isNew) untracked(() => void told.read(open));
		}),
	);
	const offers = openOffers({
		client,
		say: (text) => announcer.say(text),
		tell: (text) => showToast(text),
		onError,
		onTaken: (id) => router.go({ view: "mine", session: id }),
		taking: (id, on) => void (on ? taking.add(id) : taking.delete(id)),
	});
	ends.push(() => offers.close());

	const takeNext = async () => {
		for (const next of watched.unassigned.peek().sessions) {
			taking.add(next.id);
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
			} finally {
				taking.delete(next.id);
			}
		}
		showToast("Nobody is in line.");
	};

	/** Undoes a merge from wherever one is by now. */
	const part = async (id: SessionId) => {
		try {
			await client.http.post<SessionSummary>(`/sessions/${encodeURIComponent(id)}/unmerge`);
			router.go({ session: id });
			showToast("The chat is one of its own again");
		} catch (error) {
			onError(error);
			if (!(error instanceof HttpError)) throw error;
			showToast(error.message);
		}
	};

	return {
		me,
		router,
		client,
		drafts,
		status: status.value,
		away: away.value,
		lists: watched,
		views,
		list: list.value,
		chat,
		lastChat,
		unread: computed(() => watched.mine.value.sessions.reduce((sum, session) => sum + session.unread, 0)),
		team,
		told,
		looksOnUnseen,
		announcer,
		bulks,
		toast,
		tell: (text) => showToast(text),
		showMore: () => list.grow(),
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
				showToast("Chat resolved", { word: "Undo", run: () => void open.setStatus("in_progress") });
			}
		},
		async putAside(until) {
			const open = chat.value;
			if (!open) return null;
			const snoozed_until = until === null ? null : new Date(until).toISOString();
			const refusal = await open.change({ snoozed_until });
			if (refusal) return refusal;
			if (until === null) showToast("The chat is back in its list");
			else {
				const run = () => void open.change({ snoozed_until: null });
				showToast(`Put aside until ${coming(until, Date.now())}`, { word: "Undo", run });
			}
			return null;
		},
		async handOver(to, note) {
			const open = chat.value;
			if (!open) return null;
			const refusal = await open.handOver(to.id, note);
			if (refusal) return refusal;
			showToast(`Handed over to ${to.name}`);
			// An agent does not see what others have.
			if (me.role === "agent" && chat.value === open) router.go({ session: null });
			return null;
		},
		async handOn(to, name, note) {
			const open = chat.value;
			if (!open) return null;
			const refusal = await open.transfer(note.trim() ? { ...to, note: note.trim() } : to);
			if (refusal) return refusal;
			showToast(`In line for ${name}`);
			return null;
		},
		groups: () => loadGroups(client, onError),
		offers,
		async putBack() {
			const open = chat.value;
			if (!open || !(await open.assign(null))) return;
			showToast("The chat is back in line", { word: "Undo", run: () => void open.take() });
		},
		async takeOver() {
			const open = chat.value;
			if (open && (await open.assign(me.id))) showToast("The chat is yours now");
		},
		async merge(into) {
			const open = chat.value;
			const summary = open?.snapshot.value.summary;
			if (!open || !summary) return null;
			const refusal = await open.merge(into.id);
			if (refusal) return refusal;
			router.go({ session: into.id });
			showToast(`#${summary.number} goes on here`, { word: "Undo", run: () => void part(summary.id) });
			return null;
		},
		async unmerge() {
			const open = chat.value;
			if (!open) return;
			const refusal = await open.unmerge();
			showToast(refusal ? refusal.message : "The chat is one of its own again");
		},
		colleagues() {
			const holder = chat.value?.snapshot.value.summary?.assignee?.id;
			return loadColleagues(client, holder ? [me.id, holder] : [me.id], onError);
		},
		everybody: () => loadColleagues(client, [me.id], onError),
		lookOnUnseen(on) {
			looksOnUnseen.value = on;
			remember(unseenKey, on);
		},
		close() {
			for (const end of ends.reverse()) end();
		},
	};
}

function remembered(key: string): boolean {
	try {
		return localStorage.getItem(key) === "on";
	} catch {
		return false;
	}
}

function remember(key: string, on: boolean): void {
	try {
		if (on) localStorage.setItem(key, "on");
		else localStorage.removeItem(key);
	} catch {
		// Then it holds until the page is closed.
	}
}

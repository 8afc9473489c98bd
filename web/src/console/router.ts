/** Where the agent is, as the address says it: a list and perhaps a chat beside it, or the settings. */

import { type ReadonlySignal, signal } from "@preact/signals";
import type { Seq, SessionId, ViewId, ViewName } from "../protocol/types.js";

/** A list that one can go to: one that everybody has, or a saved view. */
export type ListView = ViewName | ViewId;

/** A place in the console. */
export interface Place {
	readonly view: ListView;
	readonly session: SessionId | null;
	/** Where in the settings, such as `people`; "" is their beginning. Null: not in the settings. */
	readonly settings: string | null;
	/** What is searched for, in place of the list. */
	readonly search?: string | undefined;
	/** The entry of the chat that was found. */
	readonly at?: Seq | undefined;
}

/** The lists that everybody has, in the order of the rail. */
export const VIEWS: readonly ViewName[] = ["waiting", "mine", "unassigned", "snoozed", "mentions", "all"];

/** The list one comes to without having chosen one. */
export const HOME: ViewName = "mine";

/** Whether it is one of those that everybody has. */
export const isViewName = (word: string): word is ViewName => VIEWS.some((view) => view === word);

const UUID = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i;

/** An address may name anything; what is no id at all is not worth asking the server for. */
export const isId = (word: string): boolean => UUID.test(word);

/** Reads an address; what is not understood is the home list. */
export function placeOf(url: Pick<URL, "pathname" | "searchParams">): Place {
	const asked = url.searchParams.get("view") ?? HOME;
	const view = isViewName(asked) || isId(asked) ? asked : HOME;
	const session = /^\/console\/sessions\/([^/]+)\/?$/.exec(url.pathname)?.[1];
	const settings =
		/^\/console\/settings(?:\/(.*?))?\/?$/.exec(url.pathname) ??
		// Contacts are no setting, but stand where the settings do.
		/^\/console\/(contacts(?:\/.*?)?)\/?$/.exec(url.pathname);
	const seq = Number(url.searchParams.get("at") ?? "");
	return {
		view,
		session: session ? decode(session) : null,
		settings: settings ? (settings[1] ?? "") : null,
		search: url.searchParams.get("q") ?? undefined,
		at: session && Number.isSafeInteger(seq) && seq > 0 ? seq : undefined,
	};
}

function decode(part: string): string {
	try {
		return decodeURIComponent(part);
	} catch {
		return part;
	}
}

/** The address of a place. */
export function pathOf({ view, session, settings, search, at }: Place): string {
	if (settings !== null && /^contacts(\/|$)/.test(settings)) return `/console/${settings}`;
	if (settings !== null) return settings === "" ? "/console/settings" : `/console/settings/${settings}`;
	const path = session ? `/console/sessions/${encodeURIComponent(session)}` : "/console";
	const asked = new URLSearchParams();
	if (view !== HOME) asked.set("view", view);
	if (search !== undefined) asked.set("q", search);
	if (session && at !== undefined) asked.set("at", String(at));
	return asked.size > 0 ? `${path}?${asked}` : path;
}

/** What the router needs of a window. */
export type RouterWindow = Pick<Window, "location" | "history" | "addEventListener" | "removeEventListener">;

/** Keeps place and address the same thing. */
export interface Router {
	readonly place: ReadonlySignal<Place>;
	/** Whether one has gone anywhere since the page was loaded. */
	readonly moved: boolean;
	/** Goes there; `replace` leaves no step back. Out of the settings, unless it says where in them. */
	go(to: Partial<Place>, how?: { replace?: boolean }): void;
	/**
	 * Until the returned end, asks before the place is left, for what would be lost; `proceed` goes on. One asks at a
	 * time: the last.
	 */
	hold(ask: (proceed: () => void) => void): () => void;
	/** Runs what leaves the place, once whoever holds it agrees. */
	leave(run: () => void): void;
	/** Ends listening. */
	close(): void;
}

/** A router on this window's address. */
export function createRouter(win: RouterWindow): Router {
	const read = () => placeOf(new URL(win.location.href));
	const place = signal(read());
	const first = place.value;
	let holder: ((proceed: () => void) => void) | null = null;

	const leave = (run: () => void) => {
		if (holder) holder(run);
		else run();
	};
	const enter = (next: Place, replace: boolean) => {
		if (replace) win.history.replaceState(null, "", pathOf(next));
		else win.history.pushState(null, "", pathOf(next));
		place.value = next;
	};
	const onPop = () => {
		const next = read();
		if (!holder) {
			place.value = next;
			return;
		}
		// The address has moved already: it goes back to where we still are.
		win.history.pushState(null, "", pathOf(place.value));
		holder(() => enter(next, false));
	};
	win.addEventListener("popstate", onPop);
	return {
		place,
		get moved() {
			return place.peek() !== first;
		},
		go(to, how) {
			const inside = to.settings != null ? { session: null } : {};
			// A list that is chosen takes the search's place, and a hit is of its own chat.
			const search = to.view === undefined ? place.value.search : undefined;
			const next = { ...place.value, settings: null, at: undefined, search, ...inside, ...to };
			if (pathOf(next) === pathOf(place.value)) return;
			leave(() => enter(next, how?.replace ?? false));
		},
		hold(ask) {
			holder = ask;
			return () => {
				if (holder === ask) holder = null;
			};
		},
		leave,
		close: () => win.removeEventListener("popstate", onPop),
	};
}

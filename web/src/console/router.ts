/** Where the agent is, as the address says it: a list, and perhaps a chat beside it. */

import { type ReadonlySignal, signal } from "@preact/signals";
import type { SessionId, View } from "../protocol/types.js";

/** A place in the console. */
export interface Place {
	readonly view: View;
	readonly session: SessionId | null;
}

/** The views in the order of the rail. */
export const VIEWS: readonly View[] = ["waiting", "mine", "unassigned", "snoozed", "all"];

/** The list one comes to without having chosen one. */
export const HOME: View = "mine";

const isView = (word: string | null): word is View => VIEWS.some((view) => view === word);

/** Reads an address; what is not understood is the home list. */
export function placeOf(url: Pick<URL, "pathname" | "searchParams">): Place {
	const asked = url.searchParams.get("view");
	const view = isView(asked) ? asked : HOME;
	const session = /^\/console\/sessions\/([^/]+)\/?$/.exec(url.pathname)?.[1];
	return { view, session: session ? decode(session) : null };
}

function decode(part: string): string {
	try {
		return decodeURIComponent(part);
	} catch {
		return part;
	}
}

/** The address of a place. */
export function pathOf({ view, session }: Place): string {
	const path = session ? `/console/sessions/${encodeURIComponent(session)}` : "/console";
	return view === HOME ? path : `${path}?view=${view}`;
}

const UUID = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i;

/** An address may name anything; what is no id at all is not worth asking the server for. */
export const isSessionId = (word: string): boolean => UUID.test(word);

/** What the router needs of a window. */
export type RouterWindow = Pick<Window, "location" | "history" | "addEventListener" | "removeEventListener">;

/** Keeps place and address the same thing. */
export interface Router {
	readonly place: ReadonlySignal<Place>;
	/** Goes there; `replace` leaves no step back. */
	go(to: Partial<Place>, how?: { replace?: boolean }): void;
	/** Ends listening. */
	close(): void;
}

/** A router on this window's address. */
export function createRouter(win: RouterWindow): Router {
	const read = () => placeOf(new URL(win.location.href));
	const place = signal(read());
	const onPop = () => {
		place.value = read();
	};
	win.addEventListener("popstate", onPop);
	return {
		place,
		go(to, how) {
			const next = { ...place.value, ...to };
			const path = pathOf(next);
			if (path === pathOf(place.value)) return;
			if (how?.replace) win.history.replaceState(null, "", path);
			else win.history.pushState(null, "", path);
			place.value = next;
		},
		close: () => win.removeEventListener("popstate", onPop),
	};
}

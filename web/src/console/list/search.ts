/** A search of all chats, as far as it has come. */

import { useEffect, useState } from "preact/hooks";
import { HttpError } from "../../client/index.js";
import type { ListedSession, SessionsPage } from "../../protocol/types.js";
import type { Desk } from "../desk/desk.js";

/** What narrows a search. */
export const NARROW = {
	mine: ["Mine", "assignee=me"],
	nobodys: ["Nobody’s", "assignee=none"],
	active: ["Going on", "status=open,in_progress"],
	over: ["Over", "status=resolved,closed"],
} as const satisfies Record<string, readonly [word: string, query: string]>;

/** One of them. */
export type Narrow = keyof typeof NARROW;

/** Only one of each pair makes sense. */
const PAIRS: readonly (readonly [Narrow, Narrow])[] = [
	["mine", "nobodys"],
	["active", "over"],
];

/** Switches one on or off, and its opposite off. */
export function toggled(now: readonly Narrow[], one: Narrow): readonly Narrow[] {
	if (now.includes(one)) return now.filter((other) => other !== one);
	const pair: readonly Narrow[] = PAIRS.find((pair) => pair.includes(one)) ?? [];
	return [...now.filter((other) => !pair.includes(other)), one];
}

const PAGE = 30;
/** Pages in a row that may be empty: old chats are still being looked through. */
const EMPTY_PAGES = 40;
/** While somebody types, only what stands for so long is searched for. */
const PAUSE_MS = 200;

/** What was found so far. */
export interface Found {
	readonly items: readonly ListedSession[];
	readonly total: number;
	readonly exact: boolean;
	/** Asks for the next page; null at the end. */
	readonly next: string | null;
	/** A page is on its way. */
	readonly loading: boolean;
	readonly failed: string | null;
}

const NOTHING: Found = { items: [], total: 0, exact: true, next: null, loading: true, failed: null };

/** Searches for `text`; older results stay until the new ones come. */
export function useSearch(desk: Desk, text: string, narrow: readonly Narrow[]) {
	const [found, setFound] = useState<Found>(NOTHING);
	const [turn, setTurn] = useState(0);
	const [cursor, setCursor] = useState<string | null>(null);
	const asked = [...narrow.map((one) => NARROW[one][1]), `q=${encodeURIComponent(text)}`].join("&");

	// biome-ignore lint/correctness/useExhaustiveDependencies: another try asks the same again.
	useEffect(() => {
		let over = false;
		setFound((now) => ({ ...now, loading: true, failed: null }));
		setCursor(null);
		const timer = setTimeout(async () => {
			const next = await pages(desk, asked, null).catch(refusal);
			if (over) return;
			setFound((now) => (typeof next === "string" ? { ...now, loading: false, failed: next } : next));
			if (typeof next !== "string") desk.announcer.say(countWords(next));
		}, PAUSE_MS);
		return () => {
			over = true;
			clearTimeout(timer);
		};
	}, [desk, asked, turn]);

	useEffect(() => {
		if (cursor === null) return;
		let over = false;
		setFound((now) => ({ ...now, loading: true, failed: null }));
		pages(desk, asked, cursor)
			.catch(refusal)
			.then((next) => {
				if (over) return;
				setFound((now) => {
					if (typeof next === "string") return { ...now, loading: false, failed: next };
					const known = new Set(now.items.map(({ id }) => id));
					return { ...next, items: [...now.items, ...next.items.filter(({ id }) => !known.has(id))] };
				});
			});
		return () => {
			over = true;
		};
	}, [desk, asked, cursor]);

	return { found, more: () => setCursor(found.next), again: () => setTurn((now) => now + 1) };
}

/** A page, and those behind it as long as they are empty. */
async function pages(desk: Desk, asked: string, from: string | null): Promise<Found> {
	let cursor = from;
	for (let page = 0; ; page++) {
		const at = cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`;
		const got = await desk.client.http.get<SessionsPage>(`/sessions?limit=${PAGE}&${asked}${at}`);
		const { items, total, next_cursor: next } = got;
		if (items.length > 0 || next === null || page >= EMPTY_PAGES) {
			return { items, total, exact: got.total_is_exact, next, loading: false, failed: null };
		}
		cursor = next;
	}
}

function refusal(error: unknown): string {
	if (!(error instanceof HttpError)) throw error;
	return error.errors[0] ? `The search ${error.errors[0].message}.` : error.message;
}

/** How many there are, in words. */
export function countWords({ total, exact }: Pick<Found, "total" | "exact">): string {
	if (total === 0) return exact ? "No chats found" : "Nothing found yet";
	const chats = total === 1 ? "1 chat" : `${total} chats`;
	return exact ? chats : `More than ${chats}`;
}

/** The entry that a search found: the thread goes back as far as it stands, and shows it. */

import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Seq } from "../../protocol/types.js";
import type { Desk } from "../desk/desk.js";
import type { OpenChat } from "./open-chat.js";

/** Pages of older entries that are asked for at most. */
const PAGES = 40;

/** Brings the entry that the address names into sight, once. */
export function useHit(
	desk: Desk,
	chat: OpenChat,
	scroller: RefObject<HTMLDivElement | null>,
	onScroll: () => void,
): void {
	const { at } = desk.router.place.value;
	const { entries, loading, more } = chat.snapshot.value;
	const shown = useRef<Seq | undefined>(undefined);
	const pages = useRef(0);
	useEffect(() => {
		if (at === shown.current) return;
		const first = entries[0]?.seq;
		if (at === undefined || first === undefined || loading !== null) return;
		if (first > at && more && pages.current < PAGES) {
			pages.current += 1;
			void chat.loadOlder();
			return;
		}
		shown.current = at;
		pages.current = 0;
		for (const before of scroller.current?.querySelectorAll("[data-hit]") ?? []) {
			before.removeAttribute("data-hit");
		}
		const line = scroller.current?.querySelector<HTMLElement>(`[data-seq="${at}"]`);
		if (!line) return;
		line.dataset.hit = "";
		line.scrollIntoView({ block: "center" });
		onScroll();
	}, [at, entries, loading, more, chat, scroller, onScroll]);
}

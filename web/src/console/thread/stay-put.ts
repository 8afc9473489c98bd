/** Where the thread is scrolled to: the reader stays where they read, and at the end if they were at the end. */

import type { RefObject } from "preact";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { OutboxItem } from "../../client/index.js";
import type { Entry } from "../../protocol/types.js";

/** So near to the end is at the end. */
const NEAR_PX = 56;

/** How the thread is scrolled, and how to get to its end. */
export interface StayPut {
	readonly atEnd: boolean;
	/** Messages that came in below. */
	readonly unseen: number;
	readonly toEnd: () => void;
	readonly onScroll: () => void;
}

interface Before {
	readonly firstId: string | undefined;
	readonly lastSeq: number;
	readonly outboxIds: string;
	readonly height: number;
}

/** Keeps the scroller still while its content changes. `ready` once there is a first page. */
export function useStayPut(
	scroller: RefObject<HTMLDivElement | null>,
	entries: readonly Entry[],
	outbox: readonly OutboxItem[],
	ready: boolean,
): StayPut {
	const [atEnd, setAtEnd] = useState(true);
	const [unseen, setUnseen] = useState(0);
	/** The same as `atEnd`, but true already while drawing. */
	const pinned = useRef(true);
	const before = useRef<Before | null>(null);

	const toEnd = useCallback(() => {
		const box = scroller.current;
		if (!box) return;
		box.scrollTop = box.scrollHeight;
		pinned.current = true;
		setAtEnd(true);
		setUnseen(0);
	}, [scroller]);

	const onScroll = useCallback(() => {
		const box = scroller.current;
		if (!box) return;
		pinned.current = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_PX;
		setAtEnd(pinned.current);
		if (pinned.current) setUnseen(0);
		if (before.current) before.current = { ...before.current, height: box.scrollHeight };
	}, [scroller]);

	useLayoutEffect(() => {
		const box = scroller.current;
		if (!box || !ready) return;
		const last = before.current;
		const lastSeq = entries.at(-1)?.seq ?? 0;
		const outboxIds = outbox.map((item) => item.id).join();
		const firstId = entries[0]?.id;
		if (!last) {
			const mark = box.querySelector<HTMLElement>("[data-new-mark]");
			box.scrollTop = box.scrollHeight;
			// Unread text starts in sight, with a little of what it answers above.
			if (mark) box.scrollTop = Math.min(box.scrollTop, mark.offsetTop - box.clientHeight / 3);
			onScroll();
		} else if (last.firstId !== undefined && firstId !== last.firstId && lastSeq === last.lastSeq) {
			box.scrollTop += box.scrollHeight - last.height;
		} else {
			const wrote = outbox.length > 0 && outboxIds !== last.outboxIds && !last.outboxIds.includes(outboxIds);
			if (pinned.current || wrote) toEnd();
			else {
				const news = entries.filter((entry) => entry.seq > last.lastSeq && entry.kind !== "event").length;
				if (news > 0) setUnseen((count) => count + news);
			}
		}
		before.current = { firstId, lastSeq, outboxIds, height: box.scrollHeight };
	}, [scroller, entries, outbox, ready, onScroll, toEnd]);

	// The pane shrinks when the composer grows or a keyboard comes up: the end stays in sight.
	useEffect(() => {
		const box = scroller.current;
		if (!box || typeof ResizeObserver === "undefined") return;
		const watcher = new ResizeObserver(() => {
			if (pinned.current) box.scrollTop = box.scrollHeight;
		});
		watcher.observe(box);
		return () => watcher.disconnect();
	}, [scroller]);

	return { atEnd, unseen, toEnd, onScroll };
}

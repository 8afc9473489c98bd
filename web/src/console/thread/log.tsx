import { useEffect, useMemo, useRef } from "preact/hooks";
import { reach } from "../../client/index.js";
import { ArrowDownIcon } from "../../ui/icons.js";
import type { Desk } from "../desk/desk.js";
import { dayLabel } from "../times.js";
import { useLasting, useNow } from "../use-now.js";
import { type BubbleContext, BubbleGroup, Note } from "./bubbles.js";
import { EventLine } from "./event-line.js";
import { useHit } from "./hit.js";
import { lastOwnLine, type ThreadItem, threadItems } from "./items.js";
import { MergedBlock } from "./merged-block.js";
import type { OpenChat } from "./open-chat.js";
import { useReadReport } from "./read-report.js";
import { useStayPut } from "./stay-put.js";

/** The thread itself. */
export function Log({ desk, chat }: { desk: Desk; chat: OpenChat }) {
	const snapshot = chat.snapshot.value;
	const { entries, outbox, loading, more } = snapshot;
	const mark = chat.mark.value;
	const items = useMemo(
		() => threadItems({ entries, outbox, me: desk.me, mark }),
		[entries, outbox, desk.me, mark],
	);
	const scroller = useRef<HTMLDivElement>(null);
	const { atEnd, unseen, toEnd, onScroll } = useStayPut(scroller, entries, outbox, loading !== "first");
	const lastSeq = entries.at(-1)?.seq ?? 0;
	useReadReport(chat, lastSeq, atEnd);
	useHit(desk, chat, scroller, onScroll);
	const slow = useLasting(loading === "first", 300);

	const context: BubbleContext = {
		away: desk.away.value,
		progress: { ...reach(snapshot, "customer"), seen: chat.readSeen.value },
		marked: lastOwnLine(items),
		desk,
		chat,
	};

	const onTop = () => {
		onScroll();
		const box = scroller.current;
		if (box && box.scrollTop < 240 && more && loading === null) void chat.loadOlder();
	};
	// A first page that does not fill the pane cannot be scrolled to its top.
	useEffect(() => {
		const box = scroller.current;
		if (box && more && loading === null && box.scrollHeight <= box.clientHeight) void chat.loadOlder();
	}, [chat, more, loading]);

	return (
		<div class="log-pane">
			<div
				class="log"
				role="log"
				aria-live="off"
				aria-labelledby="thread-title"
				// biome-ignore lint/a11y/noNoninteractiveTabindex: a thread must scroll by keyboard.
				tabIndex={0}
				data-pane="thread"
				ref={scroller}
				onScroll={onTop}
			>
				<div class="log-body">
					{loading === "older" && <p class="log-state">Loading older messages</p>}
					{slow && <LogSkeleton />}
					<Items desk={desk} items={items} context={context} />
				</div>
			</div>
			{!atEnd && (
				<button type="button" class="to-end" onClick={toEnd} title="Newest messages">
					<ArrowDownIcon />
					<span class="unseen">Newest messages</span>
					{unseen > 0 && <span class="badge">{unseen}</span>}
				</button>
			)}
		</div>
	);
}

interface ItemsProps {
	readonly items: readonly ThreadItem[];
	readonly desk: Desk;
	readonly context: BubbleContext;
}

function Items({ items, desk, context }: ItemsProps) {
	const now = useNow(60_000);
	return (
		<>
			{items.map((item) => (
				<Item key={item.key} item={item} desk={desk} context={context} now={now} />
			))}
		</>
	);
}

function Item({ item, desk, context, now }: Omit<ItemsProps, "items"> & { item: ThreadItem; now: number }) {
	switch (item.type) {
		case "day":
			return <p class="day">{dayLabel(item.at, now)}</p>;
		case "new":
			return (
				<p class="new-mark" data-new-mark>
					<span>{item.count} new</span>
				</p>
			);
		case "events":
			return <EventLine entries={item.entries} meId={desk.me.id} />;
		case "merged":
			return <MergedBlock desk={desk} entry={item.entry} event={item.event} />;
		case "note":
			return <Note entry={item.entry} item={item.item} context={context} />;
		case "group":
			return <BubbleGroup group={item} context={context} />;
	}
}

function LogSkeleton() {
	return (
		<div class="skeleton" aria-hidden="true">
			<span class="skeleton-bubble" />
			<span class="skeleton-bubble own" />
			<span class="skeleton-bubble" />
		</div>
	);
}

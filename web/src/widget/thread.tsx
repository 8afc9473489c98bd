import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { reach } from "../client/reach.js";
import type { Party } from "../protocol/types.js";
import { Avatar } from "../ui/avatar.js";
import { Files } from "../ui/files.js";
import { ArrowDownIcon } from "../ui/icons.js";
import { TypingDots } from "../ui/marks.js";
import { Delivery, FailedActions } from "./delivery.js";
import { type Item, itemsOf, type Line, lastOwnLine } from "./groups.js";
import { LineActions } from "./line-actions.js";
import type { Model } from "./model.js";
import { useObservable } from "./observe.js";
import { clock, dayLabel } from "./times.js";
import { fileWords, words } from "./words.js";

/** So near to the end counts as at the end. */
const END_PX = 40;
const NEAR_START_PX = 80;

export function Thread({ model }: { model: Model }) {
	const chats = useObservable(model.chats);
	const mark = useObservable(model.newMark);
	const open = useObservable(model.open);
	const unread = useObservable(model.unread);
	const log = useRef<HTMLDivElement>(null);
	const [atEnd, setAtEnd] = useState(true);
	const items = itemsOf(chats, mark);
	const lastOwn = lastOwnLine(items);
	const own = lastOwn?.key ?? "";
	const loadingOlder = chats[0]?.loading === "older";
	const typing = chats.at(-1)?.typing[0];
	const silent = chats.at(-1)?.loading === null && items.every(({ kind }) => kind !== "group");

	useKeepPlace(log, items, own, atEnd);

	// The composer grows, a bar comes: what was at the end stays at the end.
	useLayoutEffect(() => {
		const box = log.current;
		if (box === null || !atEnd) return;
		const observer = new ResizeObserver(() => {
			box.scrollTop = box.scrollHeight;
		});
		observer.observe(box);
		return () => observer.disconnect();
	}, [atEnd]);

	// The mark is where reading begins; without one, that is the end.
	useLayoutEffect(() => {
		const box = log.current;
		if (!open || box === null) return;
		const begin = box.querySelector<HTMLElement>(".new-mark");
		box.scrollTop = begin === null ? box.scrollHeight : begin.offsetTop - box.offsetTop - 16;
		setAtEnd(isAtEnd(box));
	}, [open]);

	useEffect(() => {
		const look = (): void => {
			if (open && atEnd && model.platform.visible()) model.seen();
		};
		look();
		return model.platform.onPage(look);
	}, [model, open, atEnd, chats]);

	const scrolled = (): void => {
		const box = log.current;
		if (box === null) return;
		setAtEnd(isAtEnd(box));
		if (box.scrollTop < NEAR_START_PX && chats[0]?.more === true && !loadingOlder) {
			// What fails is asked for again with the next scroll.
			model.loadOlder().catch(() => undefined);
		}
	};
	const toEnd = (): void => log.current?.scrollTo({ top: log.current.scrollHeight });

	return (
		<div class="thread">
			<div
				class="log"
				ref={log}
				role="log"
				aria-live="off"
				aria-label={words.thread}
				// biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
				tabIndex={0}
				onScroll={scrolled}
			>
				{silent && (
					<p class="greeting" dir="auto">
						{model.config.greeting}
					</p>
				)}
				{loadingOlder && <p class="event">{words.older}</p>}
				{items.map((item) => (
					<ThreadItem key={item.key} item={item} model={model} lastOwn={lastOwn} />
				))}
				<div class="typing">{typing !== undefined && <Typing who={typing} />}</div>
			</div>
			{!atEnd && (
				<button type="button" class="to-end" onClick={toEnd}>
					<ArrowDownIcon />
					<span class="unseen">{words.newest}</span>
					{unread > 0 && <span class="to-end-count">{unread}</span>}
				</button>
			)}
		</div>
	);
}

function Typing({ who }: { readonly who: Party }) {
	return (
		<>
			<Avatar id={who.id ?? "team"} name={who.name} size={28} />
			<span class="bubble bubble-typing">
				<TypingDots />
				<span class="unseen">{words.writing(who.name)}</span>
			</span>
		</>
	);
}

function isAtEnd(box: HTMLElement): boolean {
	return box.scrollHeight - box.scrollTop - box.clientHeight < END_PX;
}

/** Stays at the end, or at what is being read, whatever is put before or after it. */
function useKeepPlace(
	log: { readonly current: HTMLDivElement | null },
	items: readonly Item[],
	own: string,
	atEnd: boolean,
): void {
	const before = useRef({ first: "", own: "", height: 0 });
	useLayoutEffect(() => {
		const box = log.current;
		if (box === null) return;
		const first = items[0]?.key ?? "";
		const { first: was, own: ownWas, height } = before.current;
		if (atEnd || own !== ownWas) box.scrollTop = box.scrollHeight;
		else if (first !== was) box.scrollTop += box.scrollHeight - height;
		before.current = { first, own, height: box.scrollHeight };
	});
}

interface ItemProps {
	readonly item: Item;
	readonly model: Model;
	readonly lastOwn: Line | null;
}

function ThreadItem({ item, model, lastOwn }: ItemProps) {
	switch (item.kind) {
		case "day":
			return <p class="day">{dayLabel(item.at, model.platform.now())}</p>;
		case "event":
			return (
				<p class="event" dir="auto">
					{item.text}
				</p>
			);
		case "new":
			return (
				<p class="new-mark">
					<span>{words.unread(item.count)}</span>
				</p>
			);
		case "group":
			return <Group item={item} model={model} lastOwn={lastOwn} />;
	}
}

function Group({ item, model, lastOwn }: ItemProps & { readonly item: Extract<Item, { kind: "group" }> }) {
	const { who, lines } = item;
	const chat = model.chats.get().at(-1);
	return (
		<section class={who === null ? "group group-own" : "group"}>
			{who !== null && (
				<h3 class="group-head">
					<bdi>{who.name ?? words.theTeam}</bdi>
					<time dateTime={new Date(item.at).toISOString()}>{` · ${clock(item.at)}`}</time>
				</h3>
			)}
			<div class="group-body">
				{who !== null && <Avatar id={who.id} name={who.name} size={28} />}
				<div class="group-lines">
					{lines.map((line) => {
						const failed = line.outbox?.status.state === "failed";
						return (
							<div class="line" key={line.key}>
								{line.entry?.deleted_at ? (
									<p class="bubble bubble-gone">{words.deleted}</p>
								) : line.body === "" ? null : (
									<p class={failed ? "bubble bubble-failed" : "bubble"} dir="auto">
										{line.body}
										{line.entry?.edited_at && <span class="edited"> {words.edited}</span>}
									</p>
								)}
								<Files
									files={line.files}
									baseUrl={model.baseUrl}
									words={fileWords}
									refresh={() => model.filesOf(line)}
								/>
								{who === null && line.entry && <LineActions entry={line.entry} model={model} />}
								{failed && <FailedActions line={line} model={model} />}
								{line.key === lastOwn?.key && chat !== undefined && (
									<Delivery line={line} reach={reach(chat, "agent")} model={model} />
								)}
							</div>
						);
					})}
				</div>
			</div>
		</section>
	);
}

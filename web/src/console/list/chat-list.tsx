import { useComputed } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { ListSnapshot } from "../../client/index.js";
import type { SessionId, ViewName } from "../../protocol/types.js";
import { CheckIcon } from "../../ui/icons.js";
import { ConnectionBar } from "../desk/connection-bar.js";
import type { Desk } from "../desk/desk.js";
import { focusPane, moveInList } from "../panes.js";
import { isViewName, type ListView } from "../router.js";
import { useLasting, useNow } from "../use-now.js";
import { listName, savedView } from "../views/open-list.js";
import { NoView, ViewHint, ViewMenu } from "../views/view-head.js";
import { BulkBar } from "./bulk-bar.js";
import { ChatRow } from "./chat-row.js";
import { useFurther } from "./further.js";
import { type Group, group } from "./grouping.js";
import { hold, type Shown } from "./order-hold.js";
import { SearchField } from "./search-field.js";
import { SearchResults } from "./search-results.js";

/** A hand is in the list: asked of the page itself, since leaving events get lost when things vanish. */
const HAND = matchMedia("(hover: hover)").matches
	? ":hover, :focus-within, :active"
	: ":focus-within, :active";

/** The list of the chosen view, or what a search finds. */
export function ChatList({ desk }: { desk: Desk }) {
	const { view, search } = desk.router.place.value;
	const name = listName(desk.views, view);
	return (
		<section class="list" aria-label={search === undefined ? `Chats: ${name}` : "Search"}>
			<div class="when-alone">
				<ConnectionBar desk={desk} />
			</div>
			<SearchField desk={desk} text={search ?? ""} />
			{search === undefined ? <ViewList desk={desk} /> : <SearchResults desk={desk} text={search} />}
		</section>
	);
}

function ViewList({ desk }: { desk: Desk }) {
	const { view } = desk.router.place.value;
	const list = desk.list.value;
	return list === null ? <NoView desk={desk} /> : <LiveList desk={desk} view={view} list={list} />;
}

function LiveList({ desk, view, list }: { desk: Desk; view: ListView; list: ListSnapshot }) {
	const name = listName(desk.views, view);
	const saved = savedView(desk.views, view);
	const box = useRef<HTMLDivElement>(null);
	const shown = useRef<Shown | null>(null);
	const [, setDrawn] = useState(0);
	const redraw = () => setDrawn((count) => count + 1);
	const slow = useLasting(list.loading, 300);

	const further = useFurther(desk, view, list);
	const all = group(view, list.sessions);
	if (further.rows.length > 0) all.push({ key: "further", title: "Further chats", sessions: further.rows });
	shown.current = hold(shown.current, all, box.current?.matches(HAND) ?? false);
	const { groups, news, gone } = shown.current;
	const empty = groups.every(({ sessions }) => sessions.length === 0);

	const { bulks } = desk;
	// What is chosen in one list is not meant in another.
	useEffect(() => bulks.clear, [bulks, view]);

	const showNews = () => {
		shown.current = null;
		redraw();
		focusPane("list");
	};

	return (
		<>
			<header class="list-head">
				<h1>
					<bdi>{name}</bdi> <span class="count">{list.loading ? "" : list.total}</span>
				</h1>
				{news > 0 && (
					<button type="button" class="button news" onClick={showNews}>
						{news} new
					</button>
				)}
				{saved && <ViewMenu desk={desk} view={saved} />}
				{!empty && (
					<button
						type="button"
						class="button quiet small"
						aria-pressed={bulks.choosing.value}
						title="Choose several chats (X on a row)"
						onClick={bulks.begin}
					>
						Select
					</button>
				)}
			</header>
			{saved && <ViewHint desk={desk} view={saved} />}
			<BulkBar desk={desk} shown={groups.flatMap(({ sessions }) => sessions)} />
			<div class="list-scroll" key={view} ref={box} onPointerLeave={redraw} onBlurCapture={redraw}>
				{list.loading ? (
					slow && <Skeleton />
				) : empty ? (
					<EmptyList view={view} list={list} />
				) : (
					<Rows desk={desk} name={name} groups={groups} gone={gone} />
				)}
				{list.more && (
					<p class="list-more">
						{further.failed !== null && <span role="alert">{further.failed} </span>}
						The first {list.sessions.length + further.rows.length} of {list.total}.{" "}
						{further.more && (
							<button type="button" class="link" aria-disabled={further.busy} onClick={further.ask}>
								Show more
							</button>
						)}
					</p>
				)}
			</div>
		</>
	);
}

interface RowsProps {
	readonly desk: Desk;
	readonly name: string;
	readonly groups: readonly Group[];
	readonly gone: ReadonlySet<SessionId>;
}

function Rows({ desk, name, groups, gone }: RowsProps) {
	const now = useNow(20_000);
	const open = desk.router.place.value.session;
	const writing = useComputed(() => {
		const typing = desk.chat.value?.snapshot.value.typing ?? [];
		return typing.some((who) => who.kind === "customer");
	});
	const draft = useComputed(() => desk.chat.value?.draft.value ?? "");
	const [focused, setFocused] = useState<SessionId | null>(open);
	const rows = groups.flatMap(({ sessions }) => sessions.map(({ id }) => id));
	const stop = rows.find((id) => id === focused) ?? rows.find((id) => id === open) ?? rows[0];

	// Whoever comes back from a chat comes back to its row.
	useLayoutEffect(() => {
		if (open) setFocused(open);
	}, [open]);

	const { bulks } = desk;
	const choosing = bulks.choosing.value;
	const chosen = bulks.chosen.value;
	const check = (id: SessionId, range: boolean) => (range ? bulks.extend(id, rows) : bulks.toggle(id));

	const go = (id: SessionId) => desk.router.go({ session: id });
	const onKeyDown = (event: KeyboardEvent) => {
		if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "a" && choosing) {
			bulks.all(rows);
			event.preventDefault();
			return;
		}
		if (event.altKey || event.ctrlKey || event.metaKey) return;
		const row = event.target instanceof HTMLElement ? event.target.dataset.row : undefined;
		if (row && event.key.toLowerCase() === "x") check(row, event.shiftKey);
		else if (choosing && event.key === "Escape") bulks.clear();
		else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
			moveInList(event.key === "ArrowDown" ? 1 : -1);
		} else if (event.key === "Home" || event.key === "End") {
			const id = event.key === "Home" ? rows[0] : rows.at(-1);
			if (id) setFocused(id);
			focusPane("list");
		} else if ((event.key === "Enter" || event.key === " ") && event.target instanceof HTMLElement) {
			const id = event.target.dataset.row;
			if (!id) return;
			go(id);
			focusPane("composer");
		} else return;
		event.preventDefault();
	};

	return (
		<div role="listbox" aria-label={name} aria-multiselectable={choosing} onKeyDown={onKeyDown} tabIndex={-1}>
			{groups.map(({ key, title, sessions }) => (
				<div key={key} {...(sessions.length ? { role: "group", "aria-labelledby": `group-${key}` } : {})}>
					<div id={`group-${key}`} class={title ? "group-title" : "unseen"}>
						<span>{title ?? name}</span>
						{title && <span class="group-count">{sessions.length}</span>}
					</div>
					{sessions.map((session) => (
						<ChatRow
							key={session.id}
							session={session}
							meId={desk.me.id}
							now={now}
							selected={session.id === open}
							stop={session.id === stop}
							gone={gone.has(session.id)}
							draft={session.id === open ? "" : desk.drafts.get(session.id)}
							writing={session.id === open && writing.value && draft.value === ""}
							checked={choosing ? chosen.has(session.id) : null}
							onCheck={(range) => check(session.id, range)}
							onOpen={() => go(session.id)}
							onFocus={() => setFocused(session.id)}
						/>
					))}
					{title && sessions.length === 0 && key === "ours" && (
						<Calm title="Everyone has an answer." next="New messages come here by themselves." />
					)}
				</div>
			))}
		</div>
	);
}

const EMPTY: Readonly<Record<ViewName, readonly [title: string, next: string]>> = {
	mine: ["No chat is yours yet.", "Take one under Unassigned, and it comes here."],
	waiting: ["Everyone has an answer.", "New messages come here by themselves."],
	unassigned: ["Nobody is in line.", "New chats come here by themselves."],
	snoozed: ["Nothing is put aside.", "Put a chat aside with S: it comes back by itself."],
	mentions: ["No note names you.", "Chats come here when a colleague names you in a note."],
	all: ["No chats yet.", "The first one comes here by itself."],
};

const NONE_FITS = ["No chat fits this view now.", "Those that do come here by themselves."] as const;
const REFUSED = [
	"This view cannot be shown.",
	"What it asks for is gone, such as a site. Whoever may change it can mend it.",
] as const;

function EmptyList({ view, list }: { view: ListView; list: ListSnapshot }) {
	const [title, next] = list.refused !== null ? REFUSED : isViewName(view) ? EMPTY[view] : NONE_FITS;
	return <Calm title={title} next={next} />;
}

function Calm({ title, next }: { title: string; next: string }) {
	return (
		<div class="calm">
			<CheckIcon size={16} />
			<p>
				<strong>{title}</strong> <span>{next}</span>
			</p>
		</div>
	);
}

function Skeleton() {
	return (
		<div class="skeleton" aria-hidden="true">
			{[0, 1, 2, 3, 4].map((at) => (
				<div class="skeleton-row" key={at}>
					<span class="skeleton-disc" />
					<span class="skeleton-line" />
					<span class="skeleton-line short" />
				</div>
			))}
		</div>
	);
}

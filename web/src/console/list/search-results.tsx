import { useState } from "preact/hooks";
import type { ListedSession, SessionId } from "../../protocol/types.js";
import { Avatar } from "../../ui/avatar.js";
import { StatusRing } from "../../ui/marks.js";
import type { Desk } from "../desk/desk.js";
import { contactName, STATUS_WORDS } from "../names.js";
import { focusPane, focusSearch, moveInList } from "../panes.js";
import { ago } from "../times.js";
import { useLasting, useNow } from "../use-now.js";
import { countWords, NARROW, type Narrow, toggled, useSearch } from "./search.js";

/** What a search finds, in place of a list. */
export function SearchResults({ desk, text }: { desk: Desk; text: string }) {
	const [narrow, setNarrow] = useState<readonly Narrow[]>([]);
	const { found, more, again } = useSearch(desk, text, narrow);
	const slow = useLasting(found.loading, 400);
	const none = found.items.length === 0 && !found.loading && found.failed === null;
	return (
		<>
			<header class="list-head">
				<h1>
					Search <span class="count">{slow ? "Searching" : found.loading ? "" : countWords(found)}</span>
				</h1>
			</header>
			<fieldset class="chips">
				<legend class="unseen">Only</legend>
				{(Object.keys(NARROW) as Narrow[]).map((one) => (
					<button
						key={one}
						type="button"
						class="chip"
						aria-pressed={narrow.includes(one)}
						onClick={() => setNarrow(toggled(narrow, one))}
					>
						{NARROW[one][0]}
					</button>
				))}
				{narrow.length > 0 && (
					<button
						type="button"
						class="link"
						title="Save what it is narrowed to as a view, without the words"
						onClick={() =>
							desk.router.go({ settings: `views/new/${narrow.map((one) => NARROW[one][1]).join("&")}` })
						}
					>
						Save as view
					</button>
				)}
			</fieldset>
			<div class="list-scroll">
				{found.failed !== null && (
					<p class="search-failed" role="alert">
						{found.failed}{" "}
						<button type="button" class="link" onClick={again}>
							Try again
						</button>
					</p>
				)}
				{none ? (
					<NothingFound text={text} narrowed={narrow.length > 0} onWiden={() => setNarrow([])} />
				) : (
					<Results desk={desk} items={found.items} />
				)}
				{found.next !== null && !found.loading && (
					<p class="list-more">
						<button type="button" class="link" onClick={more}>
							{found.items.length === 0 ? "Look in older chats" : "Show more"}
						</button>
					</p>
				)}
			</div>
		</>
	);
}

function Results({ desk, items }: { desk: Desk; items: readonly ListedSession[] }) {
	const now = useNow(20_000);
	const open = desk.router.place.value.session;
	const [focused, setFocused] = useState<SessionId | null>(open);
	if (items.length === 0) return null;
	const rows = items.map(({ id }) => id);
	const stop = rows.find((id) => id === focused) ?? rows.find((id) => id === open) ?? rows[0];
	const show = (item: ListedSession) => desk.router.go({ session: item.id, at: item.match?.seq });
	const onKeyDown = (event: KeyboardEvent) => {
		if (event.altKey || event.ctrlKey || event.metaKey) return;
		const row = event.target instanceof HTMLElement ? event.target.dataset.row : undefined;
		const item = items.find(({ id }) => id === row);
		if (event.key === "ArrowUp" && row === rows[0]) focusSearch();
		else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
			moveInList(event.key === "ArrowDown" ? 1 : -1);
		} else if ((event.key === "Enter" || event.key === " ") && item) {
			show(item);
			focusPane("thread");
		} else return;
		event.preventDefault();
	};
	return (
		<div role="listbox" aria-label="Found" tabIndex={-1} onKeyDown={onKeyDown}>
			{items.map((item) => (
				<FoundRow
					key={item.id}
					item={item}
					now={now}
					selected={item.id === open}
					stop={item.id === stop}
					onOpen={() => show(item)}
					onFocus={() => setFocused(item.id)}
				/>
			))}
		</div>
	);
}

interface FoundRowProps {
	readonly item: ListedSession;
	readonly now: number;
	readonly selected: boolean;
	readonly stop: boolean;
	readonly onOpen: () => void;
	readonly onFocus: () => void;
}

/** A chat, and where it has what was searched for. */
function FoundRow({ item, now, selected, stop, onOpen, onFocus }: FoundRowProps) {
	const { contact, assignee, match } = item;
	const at = match?.at ?? item.last_message?.created_at ?? item.created_at;
	const inName = match?.field === "name";
	return (
		// biome-ignore lint/a11y/useKeyWithClickEvents: the list handles the keys of its rows.
		<div
			role="option"
			class="row found"
			aria-selected={selected}
			tabIndex={stop ? 0 : -1}
			data-row={item.id}
			{...(stop ? { "data-pane": "list" } : {})}
			onClick={onOpen}
			onFocus={onFocus}
		>
			<Avatar id={contact.id} name={contact.name} size={36} />
			<span class="row-title">
				<span class="row-name" dir="auto">
					{inName ? <Snippet item={item} /> : contactName(contact)}
				</span>
			</span>
			<span class="row-time">{ago(at, now)}</span>
			<span class="row-middle">
				<span class="row-preview" dir="auto">
					{inName || !match ? (item.last_message?.preview ?? "No message yet") : <Snippet item={item} />}
				</span>
			</span>
			<span class="row-meta">
				<StatusRing status={item.status} />
				<span>{STATUS_WORDS[item.status]}</span>
				<span class="row-holder" dir="auto">
					· {assignee ? assignee.name : "Nobody yet"}
				</span>
				<span>· #{item.number}</span>
			</span>
		</div>
	);
}

const FIELD_WORDS = {
	number: "Number ",
	phone: "Phone ",
	email: "E-mail ",
	name: "",
	tag: "Tag ",
	subject: "Subject ",
	category: "Category ",
	entry: "",
} as const;

function Snippet({ item: { match } }: { item: ListedSession }) {
	if (!match) return null;
	return (
		<>
			{FIELD_WORDS[match.field]}
			{match.snippet.map(({ text, hit }, at) => (hit ? <mark key={at}>{text}</mark> : text))}
		</>
	);
}

function NothingFound(props: { text: string; narrowed: boolean; onWiden: () => void }) {
	return (
		<div class="none-found">
			<p>
				<strong>
					Nothing found for “<bdi>{props.text.trim()}</bdi>”.
				</strong>
			</p>
			<ul>
				<li>Fewer words find more; the beginning of the last word is enough.</li>
				<li>Phone numbers are found however they are written, and by their last four digits.</li>
				<li>What was said a moment ago is found in a second or two.</li>
			</ul>
			{props.narrowed && (
				<button type="button" class="button small" onClick={props.onWiden}>
					Search all chats
				</button>
			)}
		</div>
	);
}

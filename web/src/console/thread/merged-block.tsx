import { useRef, useState } from "preact/hooks";
import { HttpError } from "../../client/index.js";
import type { Entry, Event, Page } from "../../protocol/types.js";
import type { Desk } from "../desk/desk.js";
import { clock, dayLabel } from "../times.js";
import { ChatLink } from "./side-panel.js";

/** Entries that are asked for at once. */
const PAGE = 200;

type Loaded = { readonly entries: readonly Entry[]; readonly more: boolean };

/** What was said in a chat that was merged into this one: asked for when it is unfolded. */
export function MergedBlock({ desk, entry, event }: MergedBlockProps) {
	const [loaded, setLoaded] = useState<Loaded | null>(null);
	const [trouble, setTrouble] = useState<string | null>(null);
	const asking = useRef(false);
	const { session_id: id, number, messages, last_seq: last } = event;

	const load = async () => {
		if (asking.current) return;
		asking.current = true;
		setTrouble(null);
		try {
			const after = loaded?.entries.at(-1)?.seq ?? 0;
			const path = `/sessions/${id}/entries?after=${after}&limit=${PAGE}`;
			const { items } = await desk.client.http.get<Page<Entry>>(path);
			const entries = [...(loaded?.entries ?? []), ...items.filter(({ seq }) => seq <= last)];
			setLoaded({ entries, more: items.length === PAGE && (items.at(-1)?.seq ?? last) < last });
		} catch (error) {
			if (!(error instanceof HttpError)) throw error;
			setTrouble(error.status === 404 ? "That chat is not open to you." : error.message);
		} finally {
			asking.current = false;
		}
	};

	const said = loaded?.entries.filter(({ kind }) => kind !== "event") ?? [];
	const count = `${messages} ${messages === 1 ? "message" : "messages"}`;
	return (
		<details
			class="merged"
			onToggle={(toggled) => {
				if (toggled.currentTarget.open && loaded === null) void load();
			}}
		>
			<summary>
				From #{number}: {count}
				<span class="events-at"> · merged {clock(entry.created_at)}</span>
			</summary>
			<ol class="merged-log" aria-label={`Messages of #${number}`}>
				{said.map((one) => (
					<li key={one.id} class={one.kind === "note" ? "merged-note" : ""}>
						<p class="group-head">
							<strong dir="auto">{nameOf(one)}</strong>
							<span>
								{" "}
								· {dayLabel(one.created_at, Date.now())}, {clock(one.created_at)}
								{one.kind === "note" && " · note, team only"}
							</span>
						</p>
						<p class="merged-body" dir="auto">
							{one.deleted_at ? "Deleted" : one.body}
						</p>
					</li>
				))}
			</ol>
			<div role="status">
				{!loaded && !trouble && <p class="log-state">Loading</p>}
				{loaded && !loaded.more && said.length === 0 && <p class="log-state">Nothing was said there.</p>}
				{trouble && <p class="log-state">{trouble}</p>}
			</div>
			<p class="merged-acts">
				{(loaded?.more || trouble) && (
					<button type="button" class="link" onClick={() => void load()}>
						{trouble ? "Try again" : "Show more"}
					</button>
				)}
				<ChatLink desk={desk} id={id}>
					Open #{number}
				</ChatLink>
			</p>
		</details>
	);
}

interface MergedBlockProps {
	readonly desk: Desk;
	readonly entry: Entry;
	readonly event: Extract<Event, { type: "merged_from" }>;
}

const nameOf = ({ sender }: Entry): string =>
	sender.kind === "system" ? "Hubbub" : (sender.name ?? (sender.kind === "agent" ? "Team" : "Customer"));

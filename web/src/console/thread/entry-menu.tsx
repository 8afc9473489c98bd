import { useEffect, useState } from "preact/hooks";
import { HttpError } from "../../client/index.js";
import type { Entry, EntryVersion } from "../../protocol/types.js";
import { MoreIcon } from "../../ui/icons.js";
import type { Desk } from "../desk/desk.js";
import { MenuButton, type MenuItem } from "../desk/menu-button.js";
import { Modal } from "../desk/modal.js";
import { dayAndClock } from "../times.js";
import { useNow } from "../use-now.js";
import { amendsOf } from "./amend.js";
import type { OpenChat } from "./open-chat.js";

/** What can be done to one message or note; nothing, if nothing can. */
export function EntryMenu({ desk, chat, entry }: { desk: Desk; chat: OpenChat; entry: Entry }) {
	const [asked, setAsked] = useState<"delete" | "history" | null>(null);
	const now = useNow(60_000);
	const { edit, remove, history } = amendsOf(entry, chat.snapshot.value.summary, desk.me, now);
	const what = entry.kind === "note" ? "note" : "message";
	const items: MenuItem[] = [];
	if (edit) {
		const run = () => {
			chat.edit(entry);
			document.getElementById("composer")?.focus();
		};
		items.push({ words: "Edit", key: "E", run });
	}
	if (remove) items.push({ words: "Delete", key: "D", run: () => setAsked("delete") });
	if (history) items.push({ words: "What it said before", key: "B", run: () => setAsked("history") });
	const done = () => setAsked(null);
	return (
		<>
			{items.length > 0 && (
				<MenuButton
					label={`Actions for this ${what}`}
					title="Edit or delete"
					items={items}
					busy={chat.busy.value !== null}
					class="entry-menu"
				>
					<MoreIcon size={16} />
				</MenuButton>
			)}
			{asked === "delete" && (
				<Modal
					title={`Delete this ${what}?`}
					safe="Keep it"
					verb="Delete"
					onSafe={done}
					onVerb={() => {
						done();
						void chat.remove(entry);
					}}
				>
					{entry.kind === "note"
						? "Nobody of the team reads it any more, but its author and supervisors in its history."
						: "The customer does not see it any more either. That it was there stays visible."}
				</Modal>
			)}
			{asked === "history" && <History chat={chat} entry={entry} onDone={done} />}
		</>
	);
}

function History({ chat, entry, onDone }: { chat: OpenChat; entry: Entry; onDone: () => void }) {
	const [versions, setVersions] = useState<readonly EntryVersion[] | HttpError | null>(null);
	const now = useNow(60_000);
	useEffect(() => {
		let there = true;
		void chat.history(entry).then((found) => there && setVersions(found));
		return () => {
			there = false;
		};
	}, [chat, entry]);
	return (
		<Modal title="What it said before" safe="Close" onSafe={onDone}>
			{versions === null && <p>Loading</p>}
			{versions instanceof HttpError && <p role="alert">{versions.message}</p>}
			{Array.isArray(versions) && (
				<ol class="versions">
					{(versions as readonly EntryVersion[]).map(({ body, until, by }) => (
						<li key={until}>
							<p class="version-text" dir="auto">
								{body}
							</p>
							<p class="version-until">
								until {dayAndClock(until, now)}
								{by.kind !== "system" && by.name ? `, by ${by.name}` : ""}
							</p>
						</li>
					))}
				</ol>
			)}
		</Modal>
	);
}

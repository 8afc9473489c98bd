import { useEffect, useRef } from "preact/hooks";
import type { MergedInto } from "../../protocol/types.js";
import { useDrop } from "../../ui/files.js";
import { UnseenIcon } from "../../ui/icons.js";
import { ConnectionBar } from "../desk/connection-bar.js";
import type { Desk } from "../desk/desk.js";
import { Modal } from "../desk/modal.js";
import type { DialogName } from "../ticket/dialogs.js";
import { TicketLine } from "../ticket/ticket-line.js";
import { Composer } from "./composer.js";
import { closedWords } from "./event-words.js";
import { Log } from "./log.js";
import { Missing } from "./missing.js";
import type { OpenChat } from "./open-chat.js";
import { ThreadHead } from "./thread-head.js";

/** The chat that is open. */
export function Thread({ desk, chat, sideOpen, onSide, onDialog }: ThreadProps) {
	const { missing, summary } = chat.snapshot.value;

	// Where the list gives way to the thread, the focus must not be left on a row that is gone.
	useEffect(() => {
		const { activeElement } = document;
		if (!activeElement || activeElement === document.body || activeElement.getClientRects().length === 0) {
			document.getElementById("thread-title")?.focus();
		}
	}, []);

	const pane = useRef<HTMLElement>(null);
	const taking = !missing && chat.editing.value === null;
	const dragged = useDrop(pane, taking ? (files) => chat.uploads.add(files) : null);

	if (missing) return <Missing desk={desk} chat={chat} />;
	return (
		<section class="thread" aria-label="Chat" ref={pane}>
			<ConnectionBar desk={desk} />
			<ThreadHead desk={desk} chat={chat} onDialog={onDialog} sideOpen={sideOpen} onSide={onSide} />
			<TicketLine desk={desk} chat={chat} onDialog={onDialog} />
			<Log desk={desk} chat={chat} />
			{summary?.status === "closed" && <Closed desk={desk} chat={chat} />}
			{chat.unseen.value && <Unseen chat={chat} />}
			<Composer desk={desk} chat={chat} />
			{dragged && <p class="drop-here">Drop files here</p>}
			{chat.question.value !== null && <AnsweredQuestion chat={chat} by={chat.question.value} />}
		</section>
	);
}

interface ThreadProps {
	readonly desk: Desk;
	readonly chat: OpenChat;
	readonly sideOpen: boolean;
	readonly onSide: () => void;
	readonly onDialog: (name: DialogName) => void;
}

/** Nobody knows that one is here. */
function Unseen({ chat }: { chat: OpenChat }) {
	return (
		<p class="closed-line unseen-line">
			<UnseenIcon size={16} />
			<span>You look on unseen.</span>{" "}
			<button
				type="button"
				class="link"
				aria-disabled={chat.busy.value !== null}
				onClick={() => void chat.join()}
			>
				Join
			</button>
		</p>
	);
}

/** Two answers to one question confuse. */
function AnsweredQuestion({ chat, by }: { chat: OpenChat; by: string }) {
	return (
		<Modal
			title={`${by} answered while you wrote`}
			safe="Keep editing"
			verb="Send anyway"
			onSafe={chat.keepEditing}
			onVerb={chat.sendAnyway}
		>
			Read what {by} said before you send yours.
		</Modal>
	);
}

/** A closed chat says so, and where it goes on. */
function Closed({ desk, chat }: { desk: Desk; chat: OpenChat }) {
	const { summary, entries } = chat.snapshot.value;
	const next = summary?.next_session_id;
	if (!summary) return null;
	if (summary.merged_into) return <Merged desk={desk} merged={summary.merged_into} />;
	return (
		<p class="closed-line">
			<span dir="auto">{closedWords(entries, desk.me.id, Date.now())}</span>{" "}
			{next ? (
				<>
					<span>It goes on in a new chat.</span>{" "}
					<button type="button" class="link" onClick={() => desk.router.go({ session: next })}>
						Go there
					</button>
				</>
			) : (
				<span>A new message opens a new chat.</span>
			)}
		</p>
	);
}

const UNDO_MS = 24 * 60 * 60_000;

/** A merged chat says where it goes on; a mistake is undone here. */
function Merged({ desk, merged }: { desk: Desk; merged: MergedInto }) {
	const undoable = Date.now() - Date.parse(merged.at) < UNDO_MS;
	return (
		<p class="closed-line">
			<span>It was merged, and goes on in #{merged.number}.</span>{" "}
			<button type="button" class="link" onClick={() => desk.router.go({ session: merged.session_id })}>
				Go there
			</button>
			{undoable && (
				<>
					{" "}
					<button type="button" class="link" onClick={() => void desk.unmerge()}>
						Undo the merge
					</button>
				</>
			)}
		</p>
	);
}

/** Nothing is open. */
export function NoChat({ desk }: { desk: Desk }) {
	const inLine = desk.lists.unassigned.value.total;
	const { loading, total } = desk.lists.all.value;
	const next =
		inLine > 0
			? "Pick one from the list, or take the next in line."
			: loading || total > 0
				? "Pick one from the list."
				: "The first chat comes to the list by itself.";
	return (
		<section class="thread no-chat" aria-label="Chat">
			<ConnectionBar desk={desk} />
			<div class="nothing">
				<h2>No chat open</h2>
				<p>{next}</p>
				{inLine > 0 && (
					<button type="button" class="button main" onClick={() => void desk.take()}>
						Take next chat <kbd>T</kbd>
					</button>
				)}
				<p class="key-hints">
					<span>
						<kbd>J</kbd> <kbd>K</kbd> move
					</span>
					<span>
						<kbd>Enter</kbd> open
					</span>
					<span>
						<kbd>?</kbd> all keys
					</span>
				</p>
			</div>
		</section>
	);
}

import type { SessionSummary } from "../../protocol/types.js";
import { Avatar } from "../../ui/avatar.js";
import { CheckIcon, ClockIcon, MoonIcon } from "../../ui/icons.js";
import { PriorityMark, StatusRing } from "../../ui/marks.js";
import { contactName, PRIORITY_WORDS, STATUS_WORDS } from "../names.js";
import { RowSla } from "../ticket/sla-badge.js";
import { ago, coming } from "../times.js";

/** One row, and what is known of it besides the summary. */
export interface ChatRowProps {
	readonly session: SessionSummary;
	readonly meId: string;
	readonly now: number;
	readonly selected: boolean;
	/** The list's one stop for the Tab key. */
	readonly stop: boolean;
	/** It left the list, and stands here only until the hand is gone. */
	readonly gone: boolean;
	readonly draft: string;
	readonly writing: boolean;
	/** Chosen with others; null where none are chosen. */
	readonly checked: boolean | null;
	readonly onCheck: (range: boolean) => void;
	readonly onOpen: () => void;
	readonly onFocus: () => void;
}

const MOST = 99;

/** One chat in the list. */
export function ChatRow(props: ChatRowProps) {
	const { session, meId, now, selected } = props;
	const { contact, assignee, unread, number, priority = "normal", tags = [] } = session;
	return (
		// biome-ignore lint/a11y/useKeyWithClickEvents: the list handles the keys of its rows.
		<div
			role="option"
			class={unread > 0 ? "row unread" : "row"}
			aria-selected={selected}
			tabIndex={props.stop ? 0 : -1}
			data-row={session.id}
			{...(props.stop ? { "data-pane": "list" } : {})}
			{...(props.checked === null ? {} : { "aria-checked": props.checked })}
			onClick={(event) => {
				if (event.shiftKey || event.ctrlKey || event.metaKey) props.onCheck(event.shiftKey);
				else props.onOpen();
			}}
			onFocus={props.onFocus}
		>
			<span
				class="row-check"
				aria-hidden="true"
				onClick={(event) => {
					event.stopPropagation();
					props.onCheck(event.shiftKey);
				}}
			>
				<span>{props.checked && <CheckIcon size={16} />}</span>
			</span>
			<Avatar id={contact.id} name={contact.name} size={36} />
			<span class="row-title">
				<span class="row-name" dir="auto">
					{contactName(contact)}
				</span>
				{priority !== "normal" && (
					<span class="row-priority" title={`${PRIORITY_WORDS[priority]} priority`}>
						<PriorityMark priority={priority} />
						<span class="unseen">{PRIORITY_WORDS[priority]} priority</span>
					</span>
				)}
			</span>
			<RowTime session={session} now={now} />
			<span class="row-middle">
				<RowPreview {...props} />
				{unread > 0 && (
					<span class="badge">
						{unread > MOST ? `${MOST}+` : unread}
						<span class="unseen"> unread</span>
					</span>
				)}
			</span>
			{props.gone ? (
				<span class="row-meta">Not in this list any more</span>
			) : (
				<span class="row-meta">
					<StatusRing status={session.status} />
					<span>{STATUS_WORDS[session.status]}</span>
					<RowSla session={session} now={now} />
					{assignee?.id !== meId && (
						<span class="row-holder" dir="auto">
							{assignee ? `· ${assignee.name}` : "· Nobody yet"}
						</span>
					)}
					<span>· #{number}</span>
					{session.team && (
						<span class="row-team" dir="auto">
							· <span class="unseen">team </span>
							{session.team.name}
						</span>
					)}
					{tags.length > 0 && (
						<span class="row-tags" dir="auto">
							· <span class="unseen">tags </span>
							{tags.join(", ")}
						</span>
					)}
				</span>
			)}
		</div>
	);
}

/** When it comes back, since when the customer waits, or when it was last about something. */
function RowTime({ session, now }: { session: SessionSummary; now: number }) {
	if (session.snoozed_until) {
		return (
			<span class="row-time">
				<MoonIcon size={16} />
				<span class="unseen">put aside until </span>
				{coming(session.snoozed_until, now)}
			</span>
		);
	}
	if (session.waiting_since) {
		return (
			<span class="row-time">
				<ClockIcon size={16} />
				<span class="unseen">waiting </span>
				{ago(session.waiting_since, now)}
			</span>
		);
	}
	return <span class="row-time">{ago(session.last_message?.created_at ?? session.created_at, now)}</span>;
}

function RowPreview({ session, draft, writing }: ChatRowProps) {
	if (writing) return <span class="row-preview writing">Writing…</span>;
	const last = session.last_message;
	if (!draft && !last) return <span class="row-preview">No message yet</span>;
	return (
		<>
			{draft ? (
				<span class="row-draft">Draft:</span>
			) : (
				last?.sender === "agent" && <span class="row-sender">Team:</span>
			)}
			<span class="row-preview" dir="auto">
				{draft || last?.preview || "Message deleted"}
			</span>
		</>
	);
}

import type { OutboxItem } from "../../client/index.js";
import type { Attachment, Entry } from "../../protocol/types.js";
import { Avatar } from "../../ui/avatar.js";
import { Files } from "../../ui/files.js";
import { NoteIcon } from "../../ui/icons.js";
import { DeliverySign, type DeliveryState } from "../../ui/marks.js";
import type { Desk } from "../desk/desk.js";
import { clock } from "../times.js";
import { useLasting, useSecondsUntil } from "../use-now.js";
import { EntryMenu } from "./entry-menu.js";
import { fileWords } from "./file-words.js";
import type { GroupItem, Line } from "./items.js";
import { pieces } from "./mentions.js";
import type { OpenChat } from "./open-chat.js";

/** How far the customer has come in the log. */
export interface Progress {
	readonly delivered: number;
	readonly read: number;
	/** When reading was seen, and how far. */
	readonly seen: { readonly seq: number; readonly at: number } | null;
}

/** What every bubble needs to know of the chat. */
export interface BubbleContext {
	readonly away: boolean;
	readonly progress: Progress;
	/** The line with the delivery mark. */
	readonly marked: string | null;
	readonly desk: Desk;
	readonly chat: OpenChat;
}

/** One speaker's bubbles. */
export function BubbleGroup({ group, context }: { group: GroupItem; context: BubbleContext }) {
	const { speaker, side } = group;
	return (
		<div class={`group ${side}`}>
			<p class="group-head">
				<strong dir="auto">{speaker.me ? "You" : (speaker.name ?? "Customer")}</strong>
				<span> · {clock(group.at)}</span>
			</p>
			{group.lines.map((line, at) => (
				<div class="group-line" key={line.key} data-seq={line.entry?.seq}>
					{side === "other" && at === group.lines.length - 1 && (
						<Avatar id={speaker.id} name={speaker.name} size={28} />
					)}
					<Bubble line={line} context={context} />
				</div>
			))}
		</div>
	);
}

function Bubble({ line, context }: { line: Line; context: BubbleContext }) {
	const { desk, chat } = context;
	const failed = line.item?.status.state === "failed" ? line.item.status : null;
	return (
		<div class="bubble-box">
			{line.entry && <EntryMenu desk={desk} chat={chat} entry={line.entry} />}
			{line.entry?.deleted_at && <div class="bubble gone">Message deleted</div>}
			{line.body && (
				<div class={failed ? "bubble failed" : "bubble"} dir="auto">
					{line.body}
					{line.entry?.edited_at && <EditedMark />}
				</div>
			)}
			<FilesOf files={line.attachments} entry={line.entry} chat={chat} />
			{failed && line.item ? (
				<Failed item={line.item} failed={failed} chat={chat} />
			) : (
				line.key === context.marked && <Delivery line={line} context={context} />
			)}
		</div>
	);
}

interface FailedProps {
	readonly item: OutboxItem;
	readonly failed: Extract<OutboxItem["status"], { state: "failed" }>;
	readonly chat: OpenChat;
}

/** What was refused, why, and what can be done about it. */
function Failed({ item, failed, chat }: FailedProps) {
	const answered = failed.code === "answered_meanwhile";
	return (
		<p class="delivery trouble">
			<DeliverySign state="failed" />
			<span>Not sent: {failed.message}</span>
			{(failed.retryable || answered) && (
				<button type="button" class="link" onClick={() => chat.retry(item.id)}>
					{answered ? "Send anyway" : "Try again"}
				</button>
			)}
			<button type="button" class="link" onClick={() => chat.takeBack(item)}>
				Edit
			</button>
			<button type="button" class="link" onClick={() => chat.discard(item.id)}>
				Delete
			</button>
		</p>
	);
}

function Delivery({ line, context }: { line: Line; context: BubbleContext }) {
	const pending = line.item !== null && line.seq === null;
	const lasting = useLasting(pending, 400);
	if (pending && line.item) {
		if (context.away) return <Mark state="sending" words="Sends when you are back online" />;
		const { status } = line.item;
		if (status.state === "queued" && status.retryAt !== null) return <Held status={status} />;
		return lasting ? <Mark state="sending" words="Sending" /> : <p class="delivery" />;
	}
	const seq = line.seq ?? 0;
	const { delivered, read, seen } = context.progress;
	if (read >= seq) {
		return <Mark state="read" words={seen && seen.seq >= seq ? `Read ${clock(seen.at)}` : "Read"} />;
	}
	return delivered >= seq ? <Mark state="delivered" words="Delivered" /> : <Mark state="sent" words="Sent" />;
}

/** The server asked to wait. */
function Held({ status }: { status: Extract<OutboxItem["status"], { state: "queued" }> }) {
	const seconds = useSecondsUntil(status.retryAt);
	const when = seconds === null ? "Sending" : `Sends in ${seconds} s`;
	return (
		<Mark state="sending" words={status.code === "rate_limited" ? `A little too fast. ${when}` : when} />
	);
}

function Mark({ state, words }: { state: DeliveryState; words: string }) {
	return (
		<p class="delivery">
			<DeliverySign state={state} />
			<span>{words}</span>
		</p>
	);
}

function EditedMark() {
	return <span class="edited"> (edited)</span>;
}

/** A note, on its own paper: only the team sees it. */
export function Note({ entry, item, context }: NoteProps) {
	const { desk, chat } = context;
	const name = entry.sender.kind === "system" ? "Written automatically" : entry.sender.name;
	const failed = item?.status.state === "failed" ? item.status : null;
	return (
		<div class="note" data-seq={item ? undefined : entry.seq}>
			<p class="note-head">
				<NoteIcon size={16} />
				<strong dir="auto">{name ?? "Team"}</strong>
				<span>· note, team only · {item && !failed ? "saving" : clock(entry.created_at)}</span>
				{!item && <EntryMenu desk={desk} chat={chat} entry={entry} />}
			</p>
			<div class={entry.deleted_at ? "note-body gone" : "note-body"} dir="auto">
				{entry.deleted_at ? "Note deleted" : <NoteText entry={entry} desk={desk} />}
				{!entry.deleted_at && entry.edited_at && <EditedMark />}
			</div>
			<FilesOf files={entry.attachments} entry={item ? null : entry} chat={chat} />
			{item && failed && <Failed item={item} failed={failed} chat={chat} />}
		</div>
	);
}

interface FilesOfProps {
	readonly files: readonly Attachment[];
	/** Null while it is in the outbox. */
	readonly entry: Entry | null;
	readonly chat: OpenChat;
}

function FilesOf({ files, entry, chat }: FilesOfProps) {
	const refresh = entry ? { refresh: () => chat.filesOf(entry) } : {};
	return <Files files={files} baseUrl="" words={fileWords} {...refresh} />;
}

interface NoteProps {
	readonly entry: Entry;
	/** While it is in the outbox. */
	readonly item: OutboxItem | null;
	readonly context: BubbleContext;
}

/** The text, with those whom it names set off. */
function NoteText({ entry, desk }: { entry: Entry; desk: Desk }) {
	const ids = entry.mentions ?? [];
	const named = (desk.team.members.value ?? []).filter(({ agent }) => ids.includes(agent.id));
	const names = named.map(({ agent }) => agent.name);
	return (
		<>
			{pieces(entry.body, names).map(({ text, name }, at) =>
				name ? (
					<mark key={at} class="mention">
						{text}
					</mark>
				) : (
					text
				),
			)}
		</>
	);
}

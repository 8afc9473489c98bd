import type { OutboxItem } from "../../client/index.js";
import type { Attachment, Entry } from "../../protocol/types.js";
import { Avatar } from "../../ui/avatar.js";
import { NoteIcon } from "../../ui/icons.js";
import { DeliverySign, type DeliveryState } from "../../ui/marks.js";
import { clock } from "../times.js";
import { useLasting, useSecondsUntil } from "../use-now.js";
import type { GroupItem, Line } from "./items.js";

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
	readonly retry: (id: string) => void;
	readonly discard: (id: string) => void;
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
				<div class="group-line" key={line.key}>
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
	const failed = line.item?.status.state === "failed" ? line.item.status : null;
	return (
		<div class="bubble-box">
			{line.body && (
				<div class={failed ? "bubble failed" : "bubble"} dir="auto">
					{line.body}
				</div>
			)}
			{line.attachments.map((file) => (
				<FileLink key={file.id} file={file} />
			))}
			{failed ? (
				<p class="delivery trouble">
					<DeliverySign state="failed" />
					<span>Not sent: {failed.message}</span>
					{failed.retryable && (
						<button type="button" class="link" onClick={() => context.retry(line.key)}>
							Try again
						</button>
					)}
					<button type="button" class="link" onClick={() => context.discard(line.key)}>
						Delete
					</button>
				</p>
			) : (
				line.key === context.marked && <Delivery line={line} context={context} />
			)}
		</div>
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

const KIB = 1024;

/** "84 KB", "8.4 MB" */
function sizeWords(bytes: number): string {
	if (bytes < KIB * KIB) return `${Math.max(1, Math.round(bytes / KIB))} KB`;
	return `${(bytes / KIB / KIB).toFixed(1)} MB`;
}

function FileLink({ file }: { file: Attachment }) {
	return (
		<a class="file" href={file.url} target="_blank" rel="noopener noreferrer">
			<bdi class="file-name">{file.name}</bdi>
			<span class="file-size">{sizeWords(file.size)}</span>
		</a>
	);
}

/** A note, on its own paper: only the team sees it. */
export function Note({ entry }: { entry: Entry }) {
	const name = entry.sender.kind === "system" ? null : entry.sender.name;
	return (
		<div class="note">
			<p class="note-head">
				<NoteIcon size={16} />
				<strong dir="auto">{name ?? "Team"}</strong>
				<span>· note, team only · {clock(entry.created_at)}</span>
			</p>
			<div class="note-body" dir="auto">
				{entry.body}
			</div>
		</div>
	);
}

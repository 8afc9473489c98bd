import type { SessionSummary } from "../../protocol/types.js";
import { Avatar } from "../../ui/avatar.js";
import { BackIcon, CheckIcon, InfoIcon } from "../../ui/icons.js";
import { PriorityMark, StatusRing } from "../../ui/marks.js";
import { canResolve, canTake } from "../desk/can.js";
import type { Desk } from "../desk/desk.js";
import { contactName, PRIORITY_WORDS, STATUS_WORDS } from "../names.js";
import { ChatMenu } from "../ticket/chat-menu.js";
import type { DialogName } from "../ticket/dialogs.js";
import { HeadSla } from "../ticket/sla-badge.js";
import type { OpenChat } from "./open-chat.js";

/** What the head shows and does. */
export interface ThreadHeadProps {
	readonly desk: Desk;
	readonly chat: OpenChat;
	readonly onDialog: (name: DialogName) => void;
	readonly sideOpen: boolean;
	readonly onSide: () => void;
}

/** Who, how it stands, whose it is, and what can be done. */
export function ThreadHead({ desk, chat, onDialog, sideOpen, onSide }: ThreadHeadProps) {
	const { summary } = chat.snapshot.value;
	const busy = chat.busy.value;
	return (
		<header class="thread-head">
			<button
				type="button"
				class="icon-button back"
				aria-label="Back to the list"
				title="Back to the list (Esc)"
				onClick={() => desk.router.go({ session: null })}
			>
				<BackIcon />
			</button>
			<div class="thread-who">
				<h1 dir="auto" tabIndex={-1} id="thread-title">
					{summary ? contactName(summary.contact) : <span class="unseen">Chat</span>}
				</h1>
				{summary && (
					<p class="thread-state">
						<StatusRing status={summary.status} />
						<span>{STATUS_WORDS[summary.status]}</span>
						<HeadPriority priority={summary.priority} />
						<HeadSla session={summary} />
						<span>· #{summary.number}</span>
						{summary.team && <span dir="auto">· {summary.team.name}</span>}
						<span dir="auto">· {holderWords(summary, desk.me.id)}</span>
					</p>
				)}
			</div>
			{summary && (
				<div class="thread-acts">
					<Viewers chat={chat} />
					{summary.status !== "closed" && (
						<button
							type="button"
							class="button quiet close-chat"
							onClick={() => onDialog("close")}
							aria-disabled={busy !== null}
						>
							{busy === "close" ? "Closing" : "Close"}
						</button>
					)}
					{canResolve(summary) && (
						<button
							type="button"
							class="button outline"
							title="Resolve (E)"
							onClick={() => void desk.resolve()}
							aria-disabled={busy !== null}
						>
							<CheckIcon size={16} />
							<span class="wide-word">{busy === "resolve" ? "Resolving" : "Resolve"}</span>
						</button>
					)}
					{summary.status === "resolved" && (
						<button
							type="button"
							class="button outline"
							onClick={() => void chat.setStatus("in_progress")}
							aria-disabled={busy !== null}
						>
							{busy === "reopen" ? "Opening" : "Reopen"}
						</button>
					)}
					{canTake(summary) && (
						<button
							type="button"
							class="button main"
							title="Take (T)"
							onClick={() => void chat.take()}
							aria-disabled={busy !== null}
						>
							{busy === "take" ? "Taking" : "Take"}
						</button>
					)}
					<ChatMenu desk={desk} chat={chat} summary={summary} onDialog={onDialog} onSide={onSide} />
					<button
						type="button"
						class="icon-button side-toggle"
						aria-label="About this chat"
						title="About this chat (I)"
						aria-expanded={sideOpen}
						onClick={onSide}
					>
						<InfoIcon />
					</button>
				</div>
			)}
		</header>
	);
}

/** Colleagues who have the chat open, too. */
function Viewers({ chat }: { chat: OpenChat }) {
	const here = chat.snapshot.value.presence.filter(({ who, online }) => online && who.kind === "agent");
	if (here.length === 0) return null;
	const names = here.map(({ who }) => who.name ?? "Somebody");
	const words = `${listFormat.format(names)} ${names.length === 1 ? "is" : "are"} here too`;
	return (
		<p class="viewers" title={words}>
			{here.slice(0, 3).map(({ who }) => (
				<Avatar key={who.id ?? "?"} id={who.id ?? "?"} name={who.name} size={28} />
			))}
			{here.length > 3 && <span class="viewers-more">+{here.length - 3}</span>}
			<span class="unseen">{words}</span>
		</p>
	);
}

const listFormat = new Intl.ListFormat("en", { type: "conjunction" });

function HeadPriority({ priority = "normal" }: { priority: SessionSummary["priority"] }) {
	if (priority === "normal") return null;
	return (
		<>
			<span aria-hidden="true">·</span>
			<span class={`head-priority priority-${priority}`}>
				<PriorityMark priority={priority} />
				{PRIORITY_WORDS[priority]}
				<span class="unseen"> priority</span>
			</span>
		</>
	);
}

function holderWords({ assignee }: SessionSummary, meId: string): string {
	if (!assignee) return "Nobody has it yet";
	return assignee.id === meId ? "Yours" : assignee.name;
}

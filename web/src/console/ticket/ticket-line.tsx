import { useState } from "preact/hooks";
import { MoonIcon, TagIcon } from "../../ui/icons.js";
import type { Desk } from "../desk/desk.js";
import type { OpenChat } from "../thread/open-chat.js";
import { coming } from "../times.js";
import { useNow } from "../use-now.js";
import { refusalWords } from "./changes.js";
import type { DialogName } from "./dialogs.js";

const SHOWN = 3;

/** Under the head: what the chat is about, its tags, and until when it is put aside. Nothing where there is none. */
export function TicketLine({ desk, chat, onDialog }: TicketLineProps) {
	const { summary } = chat.snapshot.value;
	if (!summary) return null;
	const { subject, category, tags = [], snoozed_until: until } = summary;
	const more = tags.length - SHOWN;
	return (
		<>
			{until && <Aside desk={desk} chat={chat} until={until} />}
			{(subject || category || tags.length > 0) && (
				<div class="ticket-line">
					{subject && (
						<strong class="ticket-subject" dir="auto" title={subject}>
							{subject}
						</strong>
					)}
					{category && (
						<span class="ticket-category" dir="auto" title={category}>
							{category}
						</span>
					)}
					{tags.length > 0 && (
						<ul class="tags" aria-label="Tags">
							{tags.slice(0, SHOWN).map((tag) => (
								<li class="tag" key={tag}>
									<bdi>{tag}</bdi>
								</li>
							))}
							{more > 0 && (
								<li>
									<button type="button" class="link" onClick={() => onDialog("tags")}>
										{more} more<span class="unseen"> tags</span>
									</button>
								</li>
							)}
						</ul>
					)}
				</div>
			)}
		</>
	);
}

interface TicketLineProps {
	readonly desk: Desk;
	readonly chat: OpenChat;
	readonly onDialog: (name: DialogName) => void;
}

function Aside({ desk, chat, until }: { desk: Desk; chat: OpenChat; until: string }) {
	const now = useNow(20_000);
	const [trouble, setTrouble] = useState<string | null>(null);
	const takeUp = async () => {
		if (chat.busy.value) return;
		const refusal = await desk.putAside(null);
		setTrouble(refusal && refusalWords(refusal));
	};
	return (
		<div class="ticket-line aside">
			<MoonIcon size={16} />
			<p role={trouble ? "alert" : undefined}>{trouble ?? `Put aside until ${coming(until, now)}`}</p>
			<button
				type="button"
				class="link"
				onClick={() => void takeUp()}
				aria-disabled={chat.busy.value !== null}
			>
				Take up again
			</button>
		</div>
	);
}

/** What else the team noted, in the side panel. */
export function SideAttributes({ attributes }: { attributes: Readonly<Record<string, string>> }) {
	const pairs = Object.entries(attributes);
	if (pairs.length === 0) return null;
	return (
		<dl class="side-attributes" aria-label="More details">
			{pairs.map(([name, value]) => (
				<div key={name}>
					<dt dir="auto">{name}</dt>
					<dd dir="auto">{value}</dd>
				</div>
			))}
		</dl>
	);
}

/** The tags and the way to change them, in the side panel. */
export function SideTags({ tags, onEdit }: { tags: readonly string[]; onEdit: () => void }) {
	return (
		<div class="side-tags">
			{tags.length > 0 && (
				<ul class="tags" aria-label="Tags">
					{tags.map((tag) => (
						<li class="tag" key={tag}>
							<bdi>{tag}</bdi>
						</li>
					))}
				</ul>
			)}
			<button type="button" class="button outline small" onClick={onEdit}>
				<TagIcon size={16} />
				Edit details
			</button>
		</div>
	);
}

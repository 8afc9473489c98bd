import type { ComponentChildren } from "preact";
import type { SessionId, SessionSummary } from "../../protocol/types.js";
import { Avatar } from "../../ui/avatar.js";
import { CloseIcon, GlobeIcon, MailIcon, PhoneIcon, StarIcon } from "../../ui/icons.js";
import { SideContact } from "../contacts/side-contact.js";
import type { Desk } from "../desk/desk.js";
import { contactName, PRIORITY_WORDS, STATUS_WORDS } from "../names.js";
import { pathOf } from "../router.js";
import type { DialogName } from "../ticket/dialogs.js";
import { SideSla } from "../ticket/sla-badge.js";
import { SideAttributes, SideTags } from "../ticket/ticket-line.js";
import { coming, dayAndClock } from "../times.js";
import { useNow } from "../use-now.js";
import type { OpenChat } from "./open-chat.js";
import { Earlier, languageName, Whereabouts } from "./surroundings.js";

/** Who the customer is, and how the chat stands: what the summary holds, and nothing guessed. */
export function SidePanel({ desk, chat, open, onClose, onDialog }: SidePanelProps) {
	const { summary } = chat.snapshot.value;
	return (
		<aside
			class={open ? "side open" : "side"}
			aria-label="About this chat"
			tabIndex={-1}
			data-pane={summary ? "side" : undefined}
		>
			<button
				type="button"
				class="icon-button side-close"
				aria-label="Close"
				title="Close (Esc)"
				onClick={onClose}
			>
				<CloseIcon />
			</button>
			{summary && <Facts desk={desk} chat={chat} summary={summary} onDialog={onDialog} />}
			{summary && summary.status !== "closed" && (
				<button type="button" class="button outline wide side-close-chat" onClick={() => onDialog("close")}>
					Close this chat
				</button>
			)}
		</aside>
	);
}

interface SidePanelProps {
	readonly desk: Desk;
	readonly chat: OpenChat;
	readonly open: boolean;
	readonly onClose: () => void;
	readonly onDialog: (name: DialogName) => void;
}

interface FactsProps {
	readonly desk: Desk;
	readonly chat: OpenChat;
	readonly summary: SessionSummary;
	readonly onDialog: (name: DialogName) => void;
}

function Facts({ desk, chat, summary, onDialog }: FactsProps) {
	const now = useNow(60_000);
	const { contact, assignee, previous_session_id: previous, next_session_id: next } = summary;
	return (
		<>
			<div class="side-who">
				<Avatar id={contact.id} name={contact.name} size={44} />
				<div>
					<h2 dir="auto">{contactName(contact)}</h2>
					<p>{contact.verified ? "Verified by the site" : "Not verified"}</p>
				</div>
			</div>
			{(contact.phone || contact.email) && (
				<ul class="reaches">
					{contact.phone && (
						<li>
							<PhoneIcon size={16} />
							<a href={`tel:${contact.phone}`} dir="ltr">
								{contact.phone}
							</a>
						</li>
					)}
					{contact.email && (
						<li>
							<MailIcon size={16} />
							<a href={`mailto:${contact.email}`} title={contact.email} dir="ltr">
								{contact.email}
							</a>
						</li>
					)}
				</ul>
			)}
			<SideContact key={`contact-${summary.id}`} desk={desk} summary={summary} />
			<section class="side-part">
				<h3>This chat</h3>
				{summary.subject && (
					<p class="side-subject" dir="auto">
						{summary.subject}
					</p>
				)}
				<dl>
					<Fact name="Number">#{summary.number}</Fact>
					<Fact name="Site">
						<GlobeIcon size={16} />
						<bdi>{summary.site}</bdi>
					</Fact>
					<Fact name="Status">{STATUS_WORDS[summary.status]}</Fact>
					<Fact name="Priority">{PRIORITY_WORDS[summary.priority ?? "normal"]}</Fact>
					{summary.category && (
						<Fact name="Category">
							<bdi>{summary.category}</bdi>
						</Fact>
					)}
					<Fact name="With">
						<bdi>{assignee ? (assignee.id === desk.me.id ? "You" : assignee.name) : "Nobody yet"}</bdi>
					</Fact>
					{summary.team && (
						<Fact name="Team">
							<bdi>{summary.team.name}</bdi>
						</Fact>
					)}
					{(summary.skills ?? []).length > 0 && (
						<Fact name="Asks for">
							<bdi>
								{(summary.skills ?? []).map(({ skill, level }) => `${skill.name} ${level}`).join(", ")}
							</bdi>
						</Fact>
					)}
					{summary.language && <Fact name="Answer in">{languageName(summary.language)}</Fact>}
					{summary.offers?.standing && (
						<Fact name="Offered to">
							<bdi>{summary.offers.standing.agent.name}</bdi>
						</Fact>
					)}
					{summary.as_message && <Fact name="Taken as">a message</Fact>}
					<Fact name="Started">{dayAndClock(summary.created_at, now)}</Fact>
					{summary.waiting_since && (
						<Fact name="Waiting since">{dayAndClock(summary.waiting_since, now)}</Fact>
					)}
					{summary.snoozed_until && <Fact name="Put aside until">{coming(summary.snoozed_until, now)}</Fact>}
					{summary.closed_at && <Fact name="Closed">{dayAndClock(summary.closed_at, now)}</Fact>}
					{summary.rating && (
						<Fact name="Rating">
							<Stars score={summary.rating.score} />
						</Fact>
					)}
				</dl>
				{summary.rating?.comment && (
					<blockquote class="side-rating" dir="auto">
						{summary.rating.comment}
					</blockquote>
				)}
				<SideAttributes attributes={summary.attributes ?? {}} />
				<SideTags tags={summary.tags ?? []} onEdit={() => onDialog("details")} />
			</section>
			{summary.sla && <SideSla sla={summary.sla} />}
			{(previous || next) && (
				<section class="side-part">
					<h3>Same conversation</h3>
					<ul class="side-links">
						{previous && (
							<li>
								<ChatLink desk={desk} id={previous}>
									The chat before this one
								</ChatLink>
							</li>
						)}
						{next && (
							<li>
								<ChatLink desk={desk} id={next}>
									The chat after this one
								</ChatLink>
							</li>
						)}
					</ul>
				</section>
			)}
			<Whereabouts key={`pages-${summary.id}`} desk={desk} chat={chat} summary={summary} />
			<Earlier key={`earlier-${summary.id}`} desk={desk} summary={summary} />
		</>
	);
}

/** One line of a list of facts. */
/** A score of five, in a sign and a word. */
function Stars({ score }: { score: number }) {
	return (
		<span class="stars">
			{[1, 2, 3, 4, 5].map((at) => (
				<StarIcon key={at} size={16} filled={at <= score} />
			))}
			<span>{score} of 5</span>
		</span>
	);
}

export function Fact({ name, children }: { name: string; children: ComponentChildren }) {
	return (
		<div>
			<dt>{name}</dt>
			<dd>{children}</dd>
		</div>
	);
}

/** A link to another chat, in the list that is open. */
export function ChatLink({ desk, id, children }: { desk: Desk; id: SessionId; children: ComponentChildren }) {
	const place = { ...desk.router.place.value, session: id };
	return (
		<a
			href={pathOf(place)}
			onClick={(event) => {
				if (event.ctrlKey || event.metaKey || event.shiftKey) return;
				event.preventDefault();
				desk.router.go(place);
			}}
		>
			{children}
		</a>
	);
}

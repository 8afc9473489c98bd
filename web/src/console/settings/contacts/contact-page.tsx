import { useEffect, useState } from "preact/hooks";
import { HttpError } from "../../../client/index.js";
import type { Attribute, Contact, ContactEvent, Page, SessionSummary } from "../../../protocol/types.js";
import { StatusRing } from "../../../ui/marks.js";
import { ContactActs, contactAttributes } from "../../contacts/acts.js";
import { BlockedLine, ContactFacts } from "../../contacts/contact-facts.js";
import { Modal } from "../../desk/modal.js";
import { STATUS_WORDS } from "../../names.js";
import { ChatLink, Fact } from "../../thread/side-panel.js";
import { dayAndClock } from "../../times.js";
import { useNow } from "../../use-now.js";
import { NotHere, PageHead, Part, SettingsLink } from "../page.js";
import type { SectionProps } from "../sections.js";

const BACK = { to: "contacts", name: "Contacts" };

interface Known {
	readonly contact: Contact;
	readonly defined: readonly Attribute[];
	readonly chats: Page<SessionSummary>;
}

/** One customer: what is known, their chats, what was merged, what was done. */
export function ContactPage({ desk, workspace, rest }: SectionProps) {
	const { http } = workspace;
	const now = useNow(60_000);
	const [known, setKnown] = useState<Known | "missing" | null>(null);
	const [again, setAgain] = useState(0);
	const [deleting, setDeleting] = useState(false);
	useEffect(() => {
		let there = true;
		const path = `/contacts/${encodeURIComponent(rest)}`;
		Promise.all([
			http.get<Contact>(path),
			http.get<Page<SessionSummary>>(`${path}/sessions?limit=50`),
			contactAttributes(desk),
		]).then(
			([contact, chats, defined]) => there && setKnown({ contact, chats, defined }),
			(error: unknown) => {
				if (there && error instanceof HttpError) setKnown("missing");
			},
		);
		return () => {
			there = false;
		};
	}, [http, desk, rest, again]);
	if (known === "missing") return <NotHere desk={desk} back={BACK} />;
	if (known === null) return <PageHead desk={desk} title="Contact" back={BACK} />;
	const { contact, defined, chats } = known;
	const part = async (id: string) => {
		try {
			await http.post<Contact>(`/contacts/${id}/unmerge`);
			desk.tell("The contacts are two again");
		} catch (error) {
			if (!(error instanceof HttpError)) throw error;
			desk.tell(error.message);
		}
		setAgain((count) => count + 1);
	};
	const remove = async () => {
		setDeleting(false);
		try {
			await http.delete(`/contacts/${contact.id}`);
			desk.tell("Contact deleted");
			desk.router.go({ settings: "contacts" });
		} catch (error) {
			if (!(error instanceof HttpError)) throw error;
			desk.tell(error.message);
		}
	};
	const leads = desk.me.role !== "agent";
	return (
		<>
			<PageHead
				desk={desk}
				title={contact.name ?? "No name"}
				lead={contact.verified ? "Verified by the site" : "Not verified"}
				back={BACK}
			/>
			<BlockedLine contact={contact} now={now} />
			{contact.merged_into ? (
				<p class="part-lead">
					Merged into{" "}
					<SettingsLink router={desk.router} to={`contacts/${contact.merged_into}`}>
						another contact
					</SettingsLink>
					.
				</p>
			) : (
				<ContactActs
					desk={desk}
					contact={contact}
					defined={defined}
					onChanged={({ id }) => {
						if (id === contact.id) setAgain((count) => count + 1);
						else desk.router.go({ settings: `contacts/${id}` });
					}}
				/>
			)}
			<Part id="contact-facts" title="What is known">
				<div class="contact-known">
					<dl>
						<Fact name="Phone">
							<bdi>{contact.phone ?? "Not known"}</bdi>
						</Fact>
						<Fact name="E-mail">
							<bdi>{contact.email ?? "Not known"}</bdi>
						</Fact>
						<Fact name="Site">
							<bdi>{contact.site}</bdi>
						</Fact>
						<Fact name="Since">{dayAndClock(contact.created_at, now)}</Fact>
					</dl>
					<ContactFacts contact={contact} defined={defined} />
				</div>
			</Part>
			<Part id="contact-chats" title={`Chats (${chats.total})`}>
				{chats.items.length === 0 && <p class="part-lead">No chat that is open to you.</p>}
				<ul class="side-links">
					{chats.items.map((one) => (
						<li key={one.id} class="side-chat">
							<ChatLink desk={desk} id={one.id}>
								<span dir="auto">{one.subject || one.last_message?.preview || `Chat #${one.number}`}</span>
							</ChatLink>
							<span class="side-when">
								<StatusRing status={one.status} />
								{STATUS_WORDS[one.status]} · #{one.number} · {dayAndClock(one.created_at, now)}
							</span>
						</li>
					))}
				</ul>
			</Part>
			{(contact.merged ?? []).length > 0 && (
				<Part id="contact-merged" title="Merged into this one">
					<ul class="rows">
						{(contact.merged ?? []).map((one) => (
							<li class="row-line" key={one.id}>
								<span class="row-main">
									<strong dir="auto">{one.name ?? "No name"}</strong>
									<bdi>{[one.phone, one.email].filter(Boolean).join(" · ")}</bdi>
									<span>Merged: {dayAndClock(one.at, now)}</span>
								</span>
								<button
									type="button"
									class="button outline small"
									aria-label={`Undo the merge of ${one.name ?? "this contact"}`}
									onClick={() => void part(one.id)}
								>
									Undo the merge
								</button>
							</li>
						))}
					</ul>
				</Part>
			)}
			{(contact.log ?? []).length > 0 && (
				<Part id="contact-log" title="What was done">
					<ol class="contact-log">
						{(contact.log ?? []).map((one) => (
							<li key={`${one.at} ${one.what.type}`}>
								<bdi>{doneWords(one, defined)}</bdi>
								<span>{dayAndClock(one.at, now)}</span>
							</li>
						))}
					</ol>
				</Part>
			)}
			{leads && chats.total === 0 && !contact.merged_into && (
				<button type="button" class="button outline" onClick={() => setDeleting(true)}>
					Delete this contact
				</button>
			)}
			{deleting && (
				<Modal
					title="Delete this contact?"
					safe="Keep it"
					verb="Delete contact"
					onSafe={() => setDeleting(false)}
					onVerb={() => void remove()}
				>
					It never chatted. What is known of it is gone then.
				</Modal>
			)}
		</>
	);
}

/** Fields of a contact, as the page calls them. */
const FIELDS: Readonly<Record<string, string>> = { email: "e-mail", account_status: "account" };

function fieldName(field: string, defined: readonly Attribute[]): string {
	const key = /^attributes\.(.*)$/.exec(field)?.[1];
	if (key === undefined) return FIELDS[field] ?? field;
	return defined.find((one) => one.key === key)?.label ?? key;
}

function doneWords({ by, what }: ContactEvent, defined: readonly Attribute[]): string {
	const who = by ? ` by ${by.name}` : "";
	switch (what.type) {
		case "made":
			return `Made${who}`;
		case "edited":
			return `Changed${who}: ${what.fields.map((field) => fieldName(field, defined)).join(", ")}`;
		case "blocked":
			return `Blocked${who}: ${what.reason}`;
		case "unblocked":
			return `Block lifted${who}`;
		case "merged":
			return `Merged into ${what.name ?? "another contact"}${who}`;
		case "merged_from":
			return `Merged from ${what.name ?? "another contact"}${who}`;
		case "unmerged":
			return `Merge with ${what.name ?? "another contact"} undone${who}`;
		default:
			return `Changed${who}`;
	}
}

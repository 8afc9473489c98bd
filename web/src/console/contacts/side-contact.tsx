import "../styles/contacts.css";

import { useEffect, useRef, useState } from "preact/hooks";
import { HttpError } from "../../client/index.js";
import type { Attribute, SessionContext, SessionSummary } from "../../protocol/types.js";
import { StarIcon } from "../../ui/icons.js";
import type { Desk } from "../desk/desk.js";
import { pathOf } from "../router.js";
import { ChatLink } from "../thread/side-panel.js";
import { ago } from "../times.js";
import { useNow } from "../use-now.js";
import { ContactActs, contactAttributes } from "./acts.js";
import { BlockedLine, ContactFacts } from "./contact-facts.js";

/** Who the customer is, beyond the name: in the side panel. */
export function SideContact({ desk, summary }: { desk: Desk; summary: SessionSummary }) {
	const now = useNow(60_000);
	const [known, setKnown] = useState<{ context: SessionContext; defined: readonly Attribute[] } | null>(null);
	const [again, setAgain] = useState(0);
	const asked = useRef(0);
	const { contact: who } = summary;
	const turn = `${who.id} ${who.name} ${who.phone} ${who.email} ${who.blocked_until} ${summary.status} ${again}`;
	useEffect(() => {
		asked.current += 1;
		const mine = asked.current;
		const both = Promise.all([
			desk.client.http.get<SessionContext>(`/sessions/${summary.id}/context`),
			contactAttributes(desk),
		]);
		both.then(
			([context, defined]) => mine === asked.current && setKnown({ context, defined }),
			(error: unknown) => {
				// Then what was there stays; the connection bar says what is wrong.
				if (!(error instanceof HttpError)) throw error;
			},
		);
		return () => {
			asked.current += 1;
		};
	}, [desk, summary.id, turn]);
	const contact = known?.context.contact;
	if (!known || !contact) return null;
	const { context, defined } = known;
	const { history } = context;
	const claims = Object.entries(context.claimed_attributes);
	const claimed = context.claimed_account_status;
	return (
		<section class="side-part" aria-label="About the customer">
			<h3>The customer</h3>
			<BlockedLine contact={contact} now={now} />
			<ContactFacts contact={contact} defined={defined} />
			{(claims.length > 0 || claimed) && (
				<>
					<p class="contact-claims">Said by the page, not proven</p>
					<dl>
						{claimed && (
							<div>
								<dt>Account</dt>
								<dd dir="auto">{claimed}</dd>
							</div>
						)}
						{claims.map(([name, value]) => (
							<div key={name}>
								<dt dir="auto">{name}</dt>
								<dd dir="auto">{value}</dd>
							</div>
						))}
					</dl>
				</>
			)}
			<p class="contact-past">
				{history.sessions === 0
					? "Their first chat"
					: `${history.sessions} other ${history.sessions === 1 ? "chat" : "chats"}`}
				{history.open.length > 0 && `, ${history.open.length} of them open`}
				{history.hidden > 0 && `, ${history.hidden} not open to you`}
				{history.last_seen_at &&
					` · ${ago(history.last_seen_at, now) === "now" ? "here now" : `last here ${ago(history.last_seen_at, now)}`}`}
			</p>
			{history.ratings.length > 0 && (
				<ul class="contact-ratings" aria-label="Last ratings">
					{history.ratings.map(({ session_id: id, number, score, comment }) => (
						<li key={id}>
							<span class="stars" title={`${score} of 5`}>
								<StarIcon size={16} filled />
								<span>{score} of 5</span>
							</span>
							<ChatLink desk={desk} id={id}>
								#{number}
							</ChatLink>
							{comment && <bdi class="contact-comment">{comment}</bdi>}
						</li>
					))}
				</ul>
			)}
			<ContactActs
				desk={desk}
				contact={contact}
				defined={defined}
				onChanged={() => setAgain((count) => count + 1)}
			/>
			<p>
				<a
					href={pathOf({ ...desk.router.place.value, session: null, settings: `contacts/${contact.id}` })}
					onClick={(event) => {
						if (event.ctrlKey || event.metaKey || event.shiftKey) return;
						event.preventDefault();
						desk.router.go({ settings: `contacts/${contact.id}` });
					}}
				>
					About this contact
				</a>
			</p>
		</section>
	);
}

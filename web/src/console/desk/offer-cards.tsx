import "../styles/offers.css";

import { Avatar } from "../../ui/avatar.js";
import { PriorityMark } from "../../ui/marks.js";
import { contactName, PRIORITY_WORDS } from "../names.js";
import { useNow } from "../use-now.js";
import type { Desk } from "./desk.js";
import type { Asked } from "./offers.js";

/** Cards on the page at a time; the others come when these are answered. */
const SHOWN = 3;

/** The chats that I am asked to take. The live region says each once, so nothing here is said again. */
export function OfferCards({ desk }: { desk: Desk }) {
	const asked = desk.offers.asked.value;
	if (asked.length === 0) return null;
	const more = asked.length - SHOWN;
	return (
		<section class="offers" aria-label="Chats that you are asked to take">
			{asked.slice(0, SHOWN).map((one, index) => (
				<OfferCard key={one.session.id} desk={desk} one={one} first={index === 0} />
			))}
			{more > 0 && <p class="offers-more">{more} more</p>}
		</section>
	);
}

function OfferCard({ desk, one, first }: { desk: Desk; one: Asked; first: boolean }) {
	const now = useNow(1_000);
	const { session, until, busy } = one;
	const { contact, priority = "normal", team, last_message: last, number } = session;
	const seconds = Math.max(0, Math.ceil((until - now) / 1000));
	return (
		<article class="offer" aria-label={`Chat with ${contactName(contact)}`}>
			<div class="offer-who">
				<Avatar id={contact.id} name={contact.name} size={36} />
				<div>
					<h2 dir="auto">{contactName(contact)}</h2>
					<p class="offer-meta">
						{priority !== "normal" && (
							<>
								<PriorityMark priority={priority} />
								<span>{PRIORITY_WORDS[priority]} ·</span>
							</>
						)}
						<span>#{number}</span>
						{team && <span dir="auto">· {team.name}</span>}
					</p>
				</div>
				<p class={seconds <= 5 ? "offer-time soon" : "offer-time"} role="timer" aria-live="off">
					{seconds} s
				</p>
			</div>
			<p class="offer-text" dir="auto">
				{last?.preview ?? "No message yet"}
			</p>
			<div class="offer-acts">
				<button
					type="button"
					class="button outline"
					aria-disabled={busy}
					{...(first ? { title: "Decline (N)" } : {})}
					onClick={() => void desk.offers.decline(session.id)}
				>
					Decline
					{first && <kbd>N</kbd>}
				</button>
				<button
					type="button"
					class="button main"
					aria-disabled={busy}
					{...(first ? { title: "Accept (Y)" } : {})}
					onClick={() => void desk.offers.accept(session.id)}
				>
					Accept
					{first && <kbd>Y</kbd>}
				</button>
			</div>
		</article>
	);
}

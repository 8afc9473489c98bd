/** The words of why a chat went to whom. */

import type { Because, OfferEnd, OfferEvent, Routed, Skipped } from "../../protocol/types.js";
import { AVAILABILITY_WORDS } from "../names.js";

const BECAUSE_WORDS: Readonly<Record<Because, string>> = {
	returning_customer: "knows the customer",
	only_one: "the only one free",
	language: "the customer's language",
	least_loaded: "least to do",
	most_skilled: "most skilled",
	longest_idle: "longest without a new chat",
	equal: "as good as others",
};

/** What came of it, and why: "Chosen for Tess: least to do". `me` is the reading agent's id. */
export function routedWords({ mode, chosen, skipped }: Routed, me: string): string {
	if (chosen) {
		const who = chosen.agent.id === me ? "you" : chosen.agent.name;
		// A server newer than this page may have reasons that it has no words for.
		const because: string | undefined = BECAUSE_WORDS[chosen.because];
		const chose = mode === "offer" ? `To be asked: ${who}` : `Chosen for ${who}`;
		if (!because) return chose;
		return mode === "offer" ? `${chose} (${because})` : `${chose}: ${because}`;
	}
	const holder = skipped[0];
	if (mode === "returned") return holder ? `Back in line: ${skippedWords(holder, me)}` : "Back in line";
	return "Nobody could take it";
}

/** Why somebody was passed over: "Tess was offline". */
export function skippedWords({ agent, reason }: Skipped, me: string): string {
	const mine = agent.id === me;
	const who = mine ? "you" : agent.name;
	const was = mine ? "were" : "was";
	const has = mine ? "have" : "has";
	const does = mine ? "do" : "does";
	switch (reason.type) {
		case "disabled":
			return `${who} ${was} shut out`;
		case "not_online":
			return `${who} ${was} ${AVAILABILITY_WORDS[reason.status].toLowerCase()}`;
		case "not_in_team":
			return `${who} ${mine ? "are" : "is"} not in the team`;
		case "missing_skill":
			return reason.has === undefined
				? `${who} ${does} not have ${reason.skill.name}`
				: `${who} ${has} ${reason.skill.name} at ${reason.has}, not at ${reason.level}`;
		case "language":
			return `${who} ${does} not speak the customer's language`;
		case "declined":
			return `${who} declined`;
		case "unanswered":
			return `${who} did not answer`;
		case "handed_on":
			return `${who} had handed it on`;
		case "late":
			return `${who} ${was} too late`;
		case "at_maximum":
			return `${who} had ${reason.active} of ${reason.max} chats`;
		default:
			return `${who} ${was} skipped`;
	}
}

const END_WORDS: Readonly<Record<OfferEnd, string>> = {
	accepted: "Offer accepted",
	declined: "Offer declined",
	unanswered: "Offer not answered in time",
	gone: "Offer over: the agent was gone",
	withdrawn: "Offer withdrawn",
};

/** Who was asked to take the chat, or what came of it. */
export function offerWords(offer: OfferEvent, me: string): string {
	if (offer.type === "offered") return `Offered to ${offer.agent.id === me ? "you" : offer.agent.name}`;
	const byMe = offer.agent === me && (offer.end === "accepted" || offer.end === "declined");
	return `${END_WORDS[offer.end]}${byMe ? " by you" : ""}`;
}

/** The words of what happened to a chat. */

import type { Entry } from "../../protocol/types.js";
import { clock, dayKey, dayLabel } from "../times.js";

/** One event in a few words; `me` is the reading agent's id. */
export function eventWords(entry: Entry, me: string): string {
	const { sender, event } = entry;
	const byMe = sender.kind === "agent" && sender.id === me;
	const who = byMe ? "you" : sender.kind === "system" ? null : (sender.name ?? null);
	const by = who ? ` by ${who}` : "";
	if (!event) return entry.body;
	switch (event.type) {
		case "started":
			return event.previous_session_id ? "Chat started, after an earlier one" : "Chat started";
		case "assigned": {
			if (!event.agent) return `Put back in line${by}`;
			const taker = event.agent.id === me ? "you" : event.agent.name;
			if (sender.kind === "agent" && sender.id === event.agent.id) return `Taken by ${taker}`;
			return `Given to ${taker}${by}`;
		}
		case "status_changed":
			switch (event.to) {
				case "open":
					return `Set to open${by}`;
				case "in_progress":
					return `Set to in progress${by}`;
				case "resolved":
					return `Resolved${by}`;
				case "closed":
					return `Closed${by}`;
			}
			return entry.body;
		case "reopened":
			return `Opened again${by}`;
		case "closed":
			return `Closed${by}`;
		case "continued":
			return "Goes on in a new chat";
		case "rated":
			return event.comment ? `Rated ${event.score} of 5: “${event.comment}”` : `Rated ${event.score} of 5`;
		default:
			return unknownWords(event);
	}
}

/** A server newer than this page may tell of things that it has no words for. */
function unknownWords(event: { type: string }): string {
	const words = event.type.replaceAll("_", " ");
	return words.charAt(0).toUpperCase() + words.slice(1);
}

/** How a chat was closed: "Closed by you at 14:53." */
export function closedWords(entries: readonly Entry[], me: string, now: number): string {
	const closed = entries.findLast(
		({ event }) => event?.type === "closed" || (event?.type === "status_changed" && event.to === "closed"),
	);
	if (!closed) return "Closed.";
	const words = eventWords(closed, me);
	const at = closed.created_at;
	if (dayKey(at) === dayKey(now)) return `${words} at ${clock(at)}.`;
	return `${words}, ${dayLabel(at, now)} at ${clock(at)}.`;
}

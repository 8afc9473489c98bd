/** The words of what happened to a chat. */

import type { AskedSkill, Entry, SkippedAction, TakenBecause } from "../../protocol/types.js";
import { PRIORITY_WORDS, TARGET_WORDS } from "../names.js";
import { clock, dayKey, dayLabel, fixed } from "../times.js";
import { offerWords, routedWords } from "./routed-words.js";

const listFormat = new Intl.ListFormat("en", { type: "conjunction" });

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
		case "transferred": {
			const { from, to } = event;
			const name = (id: string, called: string) => (id === me ? "you" : called);
			const holder = name(to.id, to.name);
			const doer = sender.kind === "agent" ? sender.id : null;
			if (!from) return doer === to.id ? `Taken by ${holder}` : `Given to ${holder}${by}`;
			const before = name(from.id, from.name);
			if (doer === to.id) return `Taken over from ${before} by ${holder}`;
			if (doer === from.id) return `Handed over to ${holder}${by}`;
			return `Handed over from ${before} to ${holder}${by}`;
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
		case "priority_changed":
			return `Priority set to ${PRIORITY_WORDS[event.to].toLowerCase()}${by}`;
		case "subject_changed":
			return event.to ? `Subject set to “${event.to}”${by}` : `Subject removed${by}`;
		case "category_changed":
			return event.to ? `Category set to “${event.to}”${by}` : `Category removed${by}`;
		case "tagged": {
			const said = [];
			if (event.added.length > 0) said.push(`Tagged ${listFormat.format(event.added)}`);
			const gone = event.removed.length === 1 ? "tag" : "tags";
			const removed = `${gone} ${listFormat.format(event.removed)} removed`;
			if (event.removed.length > 0) said.push(said.length > 0 ? removed : capital(removed));
			return `${said.join(", ")}${by}`;
		}
		case "attributes_changed": {
			const said = Object.entries(event.set).map(([name, value]) => `${name} is “${value}”`);
			if (event.removed.length > 0) said.push(`${listFormat.format(event.removed)} struck out`);
			return `Noted: ${said.join(", ")}${by}`;
		}
		case "snoozed":
			return `Put aside until ${fixed(event.until, entry.created_at)}${by}`;
		case "unsnoozed":
			if (byMe || sender.kind === "agent") return `Taken up again${by}`;
			return sender.kind === "customer"
				? `Taken up again: ${who ?? "the customer"} wrote`
				: "Taken up again: the time was over";
		case "merged":
			return `Merged into #${event.number}${by}`;
		case "merged_from":
			return `#${event.number} merged into this chat${by}`;
		case "unmerged":
			return `Parted from #${event.number} again${by}`;
		case "edited":
			return `Changed a ${event.note ? "note" : "message"}${by}`;
		case "deleted":
			return `Deleted a ${event.note ? "note" : "message"}${by}`;
		case "joined":
			return event.agent.id === me ? "You joined" : `${event.agent.name} joined`;
		case "routed":
			return routedWords(event.why, me);
		case "team_changed":
			return event.to ? `For the team ${event.to.name}${by}` : `For any team${by}`;
		case "skills_changed":
			return event.to.length > 0 ? `Asks for ${skillWords(event.to)}${by}` : `Asks for no skill${by}`;
		case "language_changed":
			return event.to ? `Language set to ${event.to}${by}` : `Language removed${by}`;
		case "handed_on": {
			const skilled = event.skills.length > 0 ? `whoever knows ${skillWords(event.skills)}` : "";
			const team = event.team ? `the team ${event.team.name}` : "";
			return `Handed on to ${[team, skilled].filter(Boolean).join(", ")}${by}`;
		}
		case "offer":
			return offerWords(event.offer, me);
		case "taken_as_message":
			return TAKEN_WORDS[event.because] ?? unknownWords(event);
		case "waited_too_long":
			return `Waited too long: for the team ${event.to.name} now`;
		case "answered":
			return "First answer";
		case "sla_warned":
			return `${TARGET_WORDS[event.target]} due by ${fixed(event.due_at, entry.created_at)} (${event.policy})`;
		case "sla_breached":
			return `${TARGET_WORDS[event.target]} too late: it was due by ${fixed(event.due_at, entry.created_at)} (${event.policy})`;
		case "reminded":
			return event.about === "unassigned" ? "Still not taken by anybody" : "Still not resolved";
		case "automated": {
			const { rule, skipped = [] } = event;
			const said = `By the rule “${rule.name}”`;
			return skipped.length > 0 ? `${said}, but ${listFormat.format(skipped.map(skippedActionWords))}` : said;
		}
		case "macro_ran":
			return `Macro “${event.ran.name}” run${by}`;
		case "ending":
			return `The customer is told that the chat ends at ${clock(event.at)}`;
		case "contact_changed": {
			const whose = event.name ?? "a contact without a name";
			return event.undone
				? `Merge of contacts undone${by}: of ${whose} again`
				: `Contacts merged${by}: of ${whose} now`;
		}
		case "contact_blocked": {
			const until = event.until ? ` until ${fixed(event.until, entry.created_at)}` : "";
			return `Customer blocked${until}${by}: “${event.reason}”`;
		}
		case "contact_unblocked":
			return `Block of the customer lifted${by}`;
		default:
			return unknownWords(event);
	}
}

const skillWords = (skills: readonly AskedSkill[]): string =>
	listFormat.format(skills.map(({ skill, level }) => (level > 1 ? `${skill.name} at ${level}` : skill.name)));

/** What an action does, where it was not done. */
const NOT_DONE: Readonly<Record<string, string>> = {
	tags: "the tags",
	priority: "the priority",
	category: "the category",
	subject: "the subject",
	attribute: "the detail",
	assign: "the assignment",
	assign_me: "the assignment",
	team: "the team",
	skills: "the skills",
	status: "the status",
	snooze: "the putting aside",
	message: "the message",
	note: "the note",
};

/** "not the message (Nothing is said any more in it)" */
function skippedActionWords({ action, why }: SkippedAction): string {
	return `not ${NOT_DONE[action] ?? action.replaceAll("_", " ")} (${why.replace(/\.$/, "")})`;
}

const TAKEN_WORDS: Readonly<Record<TakenBecause, string>> = {
	closed: "Taken as a message: the shop is closed",
	away: "Taken as a message: nobody was here",
	waited: "Taken as a message: nobody had time",
};

/** A server newer than this page may tell of things that it has no words for. */
function unknownWords(event: { type: string }): string {
	return capital(event.type.replaceAll("_", " "));
}

const capital = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

/** What the team notes of a chat, and reasons; whose it is and how it stands matters more. */
const NOTED: ReadonlySet<string> = new Set([
	"priority_changed",
	"subject_changed",
	"category_changed",
	"tagged",
	"attributes_changed",
	"routed",
	"team_changed",
	"skills_changed",
	"language_changed",
	"offer",
	"answered",
	"ending",
]);

/** Of a run of events those that one should see, in their order: rather whose it is than its tags, rather the newer. */
export function weightiest(entries: readonly Entry[], count: number): readonly Entry[] {
	const weight = ({ event }: Entry) => (event && NOTED.has(event.type) ? 0 : 1);
	const ranked = [...entries].sort((a, b) => weight(b) - weight(a) || b.seq - a.seq);
	return ranked.slice(0, count).sort((a, b) => a.seq - b.seq);
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

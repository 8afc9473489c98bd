/** What rules and macros do, in words. */

import type { Priority, RuleAction, Status } from "../../protocol/types.js";
import { PRIORITY_WORDS } from "../names.js";
import { durationWords } from "../settings/clock/duration.js";

/** Who and what actions and conditions name by id, as far as it is known. */
export interface Names {
	readonly agents: ReadonlyMap<string, string>;
	readonly teams: ReadonlyMap<string, string>;
	readonly skills: ReadonlyMap<string, string>;
	/** By key. */
	readonly sites: ReadonlyMap<string, string>;
}

/** Nobody and nothing is known. */
export const NO_NAMES: Names = { agents: new Map(), teams: new Map(), skills: new Map(), sites: new Map() };

/** The type of an action. */
export type ActionType = RuleAction["type"];

/** The types in the order in which they are offered, as one chooses them. */
export const ACTION_WORDS: Readonly<Record<ActionType, string>> = {
	tags: "Change tags",
	priority: "Set the priority",
	assign: "Assign to agent",
	assign_me: "Assign to whoever runs it",
	team: "Set the team",
	skills: "Ask for skills",
	message: "Write to customer",
	note: "Write a note",
	status: "Set the status",
	snooze: "Put aside",
	category: "Set the category",
	subject: "Set the subject",
	attribute: "Set a detail",
};

/** Of an agent who is named by an id that nobody has any more. */
export const GONE = "somebody who is gone";
/** Of such a team. */
export const GONE_TEAM = "a team that is gone";
const GONE_SKILL = "a skill that is gone";

const all = new Intl.ListFormat("en-GB", { type: "conjunction" });

/** Between the quotes that texts of others stand in. */
export const quoted = (text: string): string => `“${text}”`;

const SHOWN_CHARS = 60;

/** The beginning of a text, in one line. */
export function shortened(text: string, chars = SHOWN_CHARS): string {
	const line = [...text.trim().replaceAll(/\s+/g, " ")];
	return line.length > chars ? `${line.slice(0, chars - 1).join("")}…` : line.join("");
}

const STATUS_DONE: Readonly<Record<Status, string>> = {
	open: "set to open",
	in_progress: "set to in progress",
	resolved: "resolve",
	closed: "close",
};

const priorityWords = (priority: Priority): string => PRIORITY_WORDS[priority].toLowerCase();

/** One action, as something to be done: "assign to Bo". */
export function actionWords(action: RuleAction, names: Names): string {
	switch (action.type) {
		case "tags":
			return tagWords(action.add ?? [], action.remove ?? []);
		case "priority":
			return `set priority to ${priorityWords(action.priority)}`;
		case "category":
			return action.category ? `set category to ${quoted(action.category)}` : "remove the category";
		case "subject":
			return action.subject ? `set subject to ${quoted(action.subject)}` : "remove the subject";
		case "attribute":
			return action.value ? `set ${action.name} to ${quoted(action.value)}` : `strike out ${action.name}`;
		case "assign":
			if (action.agent_id === null) return "put back in line";
			return `assign to ${names.agents.get(action.agent_id) ?? GONE}`;
		case "assign_me":
			return "assign to whoever runs it";
		case "team":
			if (action.team_id === null) return "set for any team";
			return `set for the team ${names.teams.get(action.team_id) ?? GONE_TEAM}`;
		case "skills": {
			const asked = action.skills.map(({ skill }) => names.skills.get(skill) ?? GONE_SKILL);
			return asked.length > 0 ? `ask for ${all.format(asked)}` : "ask for no skill";
		}
		case "status":
			return STATUS_DONE[action.status];
		case "snooze":
			return `put aside for ${durationWords(action.minutes * 60)}`;
		case "message":
			return `write ${quoted(shortened(action.body))}`;
		case "note":
			return `note ${quoted(shortened(action.body))}`;
		default:
			return (action as { type: string }).type.replaceAll("_", " ");
	}
}

function tagWords(add: readonly string[], remove: readonly string[]): string {
	const said: string[] = [];
	if (add.length > 0) said.push(`tag ${all.format(add)}`);
	if (remove.length > 0)
		said.push(`remove the ${remove.length === 1 ? "tag" : "tags"} ${all.format(remove)}`);
	return said.join(", ");
}

/** All of them, in their order. */
export const actionsWords = (actions: readonly RuleAction[], names: Names): string =>
	actions.map((action) => actionWords(action, names)).join(", ");

/** With a capital. */
export const capital = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

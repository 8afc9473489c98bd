/** A rule, or a macro, as a form has it. */

import type { HttpError } from "../../../client/index.js";
import type { Condition, FieldError, RuleAction, RuleBody, Trigger } from "../../../protocol/types.js";
import { refusedAll } from "../faults.js";
import { itemsOf, type Row, rowsOf } from "./rows.js";

/** The form of a rule. */
export interface RuleValues {
	readonly name: string;
	readonly enabled: "on" | "off";
	readonly on: readonly Trigger[];
	readonly all: readonly Row<Condition>[];
	readonly any: readonly Row<Condition>[];
	readonly actions: readonly Row<RuleAction>[];
}

/** The form of a rule that is not there yet. */
export const NEW_RULE: RuleValues = {
	name: "",
	enabled: "on",
	on: [],
	all: [],
	any: [],
	actions: [],
};

/** The form of this rule. */
export const ruleValues = (rule: RuleBody & { name: string; enabled?: boolean }): RuleValues => ({
	name: rule.name,
	enabled: rule.enabled === false ? "off" : "on",
	on: rule.on,
	all: rowsOf(rule.all),
	any: rowsOf(rule.any),
	actions: rowsOf(rule.actions),
});

/** The rule of the form; throws what is still missing in it. */
export const bodyOf = ({ on, all, any, actions }: RuleValues): RuleBody => ({
	on: [...on],
	all: itemsOf(all),
	any: itemsOf(any),
	actions: actionsOf(actions),
});

/** The actions of a form; throws, as the server would, who is still to be chosen. */
export function actionsOf(rows: readonly Row<RuleAction>[]): RuleAction[] {
	const actions = itemsOf(rows);
	const faults: FieldError[] = [];
	for (const [at, action] of actions.entries()) {
		if (action.type === "assign" && action.agent_id === "") {
			faults.push({ field: `actions[${at}].agent_id`, message: "is still to be chosen" });
		} else if (action.type === "team" && action.team_id === "") {
			faults.push({ field: `actions[${at}].team_id`, message: "is still to be chosen" });
		}
	}
	if (faults.length > 0) throw refusedAll(faults);
	return actions;
}

const PARTS: Readonly<Record<string, string>> = {
	on: "“When”",
	all: "“All of these”",
	any: "“One of these”",
	actions: "“Do this”",
};

/** A refusal in a sentence, where no field says it: "“Do this”, number 2: must not be empty." */
export function refusalSentence(error: HttpError): string {
	const [first] = error.errors;
	if (!first) return error.message;
	const [, part = "", at] = /^([a-z_]+)(?:\[(\d+)\])?/.exec(first.field) ?? [];
	const place = PARTS[part] ?? first.field;
	return `${place}${at === undefined ? "" : `, number ${Number(at) + 1}`}: ${first.message.replace(/\.$/, "")}.`;
}

/** What is said before a rule is deleted. */
export const RULE_GONE =
	"What it has done stays in the history of its chats. To stop it for a while, switch it off.";

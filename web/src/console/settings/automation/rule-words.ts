/** When a rule looks at a chat, which it fits, and what it does: in words. */

import type {
	Channel,
	Condition,
	ConditionField,
	ConditionTest,
	Priority,
	RuleBody,
	Status,
	Trigger,
} from "../../../protocol/types.js";
import { GONE, GONE_TEAM, type Names, quoted } from "../../automation/action-words.js";
import { PRIORITY_WORDS, STATUS_WORDS } from "../../names.js";
import { languageName } from "../languages.js";

/** What happens, as part of a sentence. */
const TRIGGERS: Readonly<Record<Trigger, string>> = {
	started: "a chat begins",
	customer_message: "the customer writes",
	rated: "the customer rates the chat",
	agent_message: "an agent answers",
	assigned: "an agent gets the chat",
	unassigned: "the chat goes back in line",
	resolved: "the chat is resolved",
	reopened: "the chat is opened again",
	closed: "the chat is closed",
	tagged: "its tags change",
	priority_changed: "its priority changes",
	category_changed: "its category changes",
	team_changed: "its team changes",
	taken_as_message: "it is taken as a message, as nobody is there",
	waited_too_long: "it has waited too long for its team",
	reminded: "a reminder is due",
	sla_warned: "a service level is due soon",
	sla_breached: "a service level is missed",
};

/** What can set a rule off, in the groups in which it is offered. */
export const TRIGGER_GROUPS: readonly (readonly [group: string, triggers: readonly Trigger[]])[] = [
	["The customer", ["started", "customer_message", "rated"]],
	["The team", ["agent_message", "assigned", "unassigned", "resolved", "reopened", "closed"]],
	["What is noted", ["tagged", "priority_changed", "category_changed", "team_changed"]],
	["The clock", ["taken_as_message", "waited_too_long", "reminded", "sla_warned", "sla_breached"]],
];

/** A server newer than this page may know more. */
export const triggerWords = (trigger: Trigger): string => TRIGGERS[trigger] ?? trigger.replaceAll("_", " ");

/** What a condition can look at, in the order in which it is offered, as one chooses it. */
export const FIELD_WORDS: Readonly<Record<ConditionField, string>> = {
	message: "Message",
	page: "Page’s address",
	language: "Language",
	hours: "Opening hours",
	name: "Customer’s name",
	email: "E-mail",
	phone: "Phone",
	verified: "Verified customer",
	site: "Site",
	channel: "Channel",
	status: "Status",
	priority: "Priority",
	tag: "Tags",
	category: "Category",
	subject: "Subject",
	agent: "Agent",
	team: "Team",
	attribute: "Detail",
	rating: "Rating",
};

const TEXT_TESTS: readonly ConditionTest[] = ["contains", "contains_not", "is", "is_not", "starts_with"];
const SET_TESTS: readonly ConditionTest[] = ["is_set", "is_not_set"];
const CHOICE_TESTS: readonly ConditionTest[] = ["is", "is_not"];

/** The tests that make sense for a field, the usual one first. */
export const TESTS: Readonly<Record<ConditionField, readonly ConditionTest[]>> = {
	message: TEXT_TESTS,
	page: [...TEXT_TESTS, ...SET_TESTS],
	language: [...CHOICE_TESTS, ...SET_TESTS],
	hours: CHOICE_TESTS,
	name: [...TEXT_TESTS, ...SET_TESTS],
	email: [...TEXT_TESTS, ...SET_TESTS],
	phone: [...TEXT_TESTS, ...SET_TESTS],
	verified: CHOICE_TESTS,
	site: CHOICE_TESTS,
	channel: CHOICE_TESTS,
	status: CHOICE_TESTS,
	priority: CHOICE_TESTS,
	tag: [...CHOICE_TESTS, ...SET_TESTS],
	category: [...CHOICE_TESTS, ...SET_TESTS],
	subject: [...TEXT_TESTS, ...SET_TESTS],
	agent: [...CHOICE_TESTS, ...SET_TESTS],
	team: [...CHOICE_TESTS, ...SET_TESTS],
	attribute: [...TEXT_TESTS, ...SET_TESTS],
	rating: ["at_most", "at_least", ...SET_TESTS],
};

/** A test, as one chooses it. */
export function testWords(field: ConditionField, test: ConditionTest): string {
	const people = field === "agent" || field === "team";
	switch (test) {
		case "is":
			return field === "tag" ? "include" : "is";
		case "is_not":
			return field === "tag" ? "do not include" : "is not";
		case "contains":
			return "contains";
		case "contains_not":
			return "does not contain";
		case "starts_with":
			return "begins with";
		case "is_set":
			return people ? "is anybody" : field === "tag" ? "are there" : "is known";
		case "is_not_set":
			return people ? "is nobody" : field === "tag" ? "are missing" : "is not known";
		case "at_least":
			return "is at least";
		case "at_most":
			return "is at most";
	}
}

/** Whether a test compares with anything. */
export const hasValues = (test: ConditionTest): boolean => test !== "is_set" && test !== "is_not_set";

/** The ways by which customers come. */
export const CHANNEL_WORDS: Readonly<Record<Channel, string>> = {
	web: "Website",
	whatsapp: "WhatsApp",
	email: "E-mail",
	api: "Program",
};

/** What a value of a field is called. */
export function valueWords(field: ConditionField, value: string, names: Names): string {
	switch (field) {
		case "status":
			return STATUS_WORDS[value as Status]?.toLowerCase() ?? value;
		case "priority":
			return PRIORITY_WORDS[value as Priority]?.toLowerCase() ?? value;
		case "channel":
			return CHANNEL_WORDS[value as Channel] ?? value;
		case "language":
			return languageName(value);
		case "site":
			return names.sites.get(value) ?? value;
		case "agent":
			return names.agents.get(value) ?? GONE;
		case "team":
			return names.teams.get(value) ?? GONE_TEAM;
		case "verified":
		case "hours":
		case "rating":
		case "tag":
			return value;
		default:
			return quoted(value);
	}
}

const either = new Intl.ListFormat("en-GB", { type: "disjunction" });

/** What is looked at, within a sentence. */
const SUBJECTS: Readonly<Partial<Record<ConditionField, string>>> = {
	page: "the page’s address",
	name: "the customer’s name",
	email: "the customer’s e-mail",
	phone: "the customer’s phone",
};

/** A condition, within a sentence: "the message contains “broken” or “kaputt”". */
export function conditionWords(condition: Condition, names: Names): string {
	const { field, test, values = [] } = condition;
	const not = test === "is_not" || test === "is_not_set";
	const said = either.format(values.map((value) => valueWords(field, value, names)));
	switch (field) {
		case "verified":
			return (values[0] === "yes") === !not ? "the customer is verified" : "the customer is not verified";
		case "hours":
			return `the shop is ${(values[0] === "open") === !not ? "open" : "closed"}`;
		case "tag":
			if (!hasValues(test)) return not ? "it has no tags" : "it has tags";
			return `it is ${not ? "not " : ""}tagged ${said}`;
		case "agent":
			if (!hasValues(test)) return not ? "nobody has it" : "somebody has it";
			return not ? `it is not with ${said}` : `it is with ${said}`;
		case "team":
			if (!hasValues(test)) return not ? "it is for no team" : "it is for a team";
			return `it is ${not ? "not " : ""}for the team ${said}`;
		case "rating":
			if (test === "at_least") return `the rating is ${said} or more`;
			if (test === "at_most") return `the rating is ${said} or less`;
			break;
		default:
	}
	const subject =
		field === "attribute"
			? (condition.name ?? "a detail")
			: (SUBJECTS[field] ?? `the ${field.replaceAll("_", " ")}`);
	return `${subject} ${testWords(field, test)}${hasValues(test) ? ` ${said}` : ""}`;
}

/** When a rule acts, and on which chats: "When the customer writes and the message contains “broken”" */
export function whenWords({ on, all = [], any = [] }: RuleBody, names: Names): string {
	const needed = all.map((condition) => conditionWords(condition, names));
	const options = any.map((condition) => conditionWords(condition, names));
	if (options.length === 1) needed.push(...options);
	else if (options.length > 1) needed.push(`either ${options.join(", or ")}`);
	const when = `When ${either.format(on.map(triggerWords))}`;
	if (needed.length === 0) return when;
	// Between several causes and several conditions, "and" alone would not say what belongs to what.
	return on.length > 1 || needed.length > 1
		? `${when}, and ${needed.join(", and ")}`
		: `${when} and ${needed[0]}`;
}

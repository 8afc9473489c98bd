/** What an agent notes of a chat as a piece of work, as a form: what of it changed, and what may be written. */

import type { HttpError } from "../../client/index.js";
import type { PatchSession, Priority, SessionSummary } from "../../protocol/types.js";

/** The server's limits, in characters; it counts them again. */
export const SUBJECT_CHARS = 200;
export const CATEGORY_CHARS = 60;
export const TAG_CHARS = 40;
/** How many tags a chat may have. */
export const TAGS = 20;

/** How many custom attributes a chat may have, and how long they are. */
export const ATTRIBUTES = 50;
export const ATTRIBUTE_NAME_CHARS = 50;
export const ATTRIBUTE_CHARS = 500;

/** A custom attribute in the form; the key tells one from another while names change. */
export interface Attribute {
	readonly key: number;
	readonly name: string;
	readonly value: string;
}

/** The form. */
export interface Details {
	readonly subject: string;
	readonly category: string;
	readonly priority: Priority;
	readonly tags: readonly string[];
	readonly attributes: readonly Attribute[];
	/** For which team it is; "" for any. */
	readonly team: string;
	/** A language tag, or "". */
	readonly language: string;
}

/** The form as the chat stands. */
export const detailsOf = (summary: SessionSummary): Details => ({
	subject: summary.subject ?? "",
	category: summary.category ?? "",
	priority: summary.priority ?? "normal",
	tags: summary.tags ?? [],
	attributes: Object.entries(summary.attributes ?? {}).map(([name, value], key) => ({ key, name, value })),
	team: summary.team?.id ?? "",
	language: summary.language ?? "",
});

/** What stands against these attributes; null: nothing. */
export function attributesTrouble(attributes: readonly Attribute[]): string | null {
	const names = attributes.map(({ name }) => name.trim());
	const nameless = attributes.find(({ name, value }) => value.trim() && !name.trim());
	if (nameless) return `“${nameless.value.trim()}” needs a name.`;
	const twice = names.find((name, at) => name && names.indexOf(name) !== at);
	return twice ? `There are two details called “${twice}”.` : null;
}

/** By name, without what says nothing. */
const pairs = (attributes: readonly Attribute[]): ReadonlyMap<string, string> =>
	new Map(
		attributes
			.map(({ name, value }) => [name.trim(), value.trim()] as const)
			.filter(([name, value]) => name && value),
	);

/**
 * What to ask the server for: only what was changed since `before` was shown, so that a colleague's change to the
 * rest stays. Tags go as a whole, so mine are taken to the tags as they are `now`. Null: nothing changed.
 */
export function patchOf(before: Details, wanted: Details, now: Details): PatchSession | null {
	const patch: PatchSession = {};
	const subject = wanted.subject.trim();
	if (subject !== before.subject) patch.subject = subject || null;
	const category = wanted.category.trim();
	if (category !== before.category) patch.category = category || null;
	if (wanted.priority !== before.priority) patch.priority = wanted.priority;
	if (wanted.team !== before.team) patch.team_id = wanted.team || null;
	const language = wanted.language.trim();
	if (language !== before.language) patch.language = language || null;
	const added = wanted.tags.filter((tag) => !before.tags.includes(tag));
	const removed = before.tags.filter((tag) => !wanted.tags.includes(tag));
	if (added.length > 0 || removed.length > 0) {
		patch.tags = [...new Set([...now.tags.filter((tag) => !removed.includes(tag)), ...added])];
	}
	const [had, have] = [pairs(before.attributes), pairs(wanted.attributes)];
	const attributes: Record<string, string | null> = {};
	for (const [name, value] of have) if (had.get(name) !== value) attributes[name] = value;
	for (const name of had.keys()) if (!have.has(name)) attributes[name] = null;
	if (Object.keys(attributes).length > 0) patch.attributes = attributes;
	return Object.keys(patch).length > 0 ? patch : null;
}

/** The tags with what was typed (several between commas), or why that cannot be. */
export function withTyped(
	tags: readonly string[],
	typed: string,
): { tags: readonly string[]; error?: string } {
	const words = typed.split(",").map((word) => word.trim().replaceAll(/\s+/g, " ").toLowerCase());
	const all = [...new Set([...tags, ...words.filter((word) => word !== "")])];
	if (all.some((tag) => [...tag].length > TAG_CHARS)) {
		return { tags, error: `A tag has at most ${TAG_CHARS} characters.` };
	}
	if (all.length > TAGS) return { tags, error: `${TAGS} tags is the limit. Remove one first.` };
	return { tags: all };
}

const SUGGESTED = 6;

/** Tags of other chats that fit what is typed, the most used first. */
export function suggestedTags(
	sessions: Iterable<SessionSummary>,
	has: readonly string[],
	typed: string,
): readonly string[] {
	const word = typed.trim().toLowerCase();
	const used = new Map<string, number>();
	for (const { tags = [] } of new Map([...sessions].map((one) => [one.id, one])).values()) {
		for (const tag of tags) {
			if (tag.includes(word) && !has.includes(tag)) used.set(tag, (used.get(tag) ?? 0) + 1);
		}
	}
	const ranked = [...used].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
	return ranked.slice(0, SUGGESTED).map(([tag]) => tag);
}

/** The categories of other chats, by name. */
export function knownCategories(sessions: Iterable<SessionSummary>): readonly string[] {
	const known = new Set<string>();
	for (const { category } of sessions) if (category) known.add(category);
	return [...known].sort();
}

const FIELDS: Readonly<Record<string, string>> = {
	subject: "The subject",
	category: "The category",
	tags: "The tags",
	attributes: "The details",
	snoozed_until: "The time",
	agent_id: "The colleague",
	team_id: "The team",
	skill: "The skill",
	language: "The language",
	note: "The note",
};

/** A refusal for whoever reads it in a form that keeps what was typed. */
export function refusalWords(error: HttpError): string {
	if (error.errors.length > 0) {
		return error.errors.map(({ field, message }) => `${FIELDS[field] ?? field} ${message}.`).join(" ");
	}
	if (!error.retryable) return error.message;
	return `${error.message} What you wrote is kept.${error.status === 0 ? " Try again." : ""}`;
}

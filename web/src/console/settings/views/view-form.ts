/** A saved view as a form has it, and its filter in words. */

import type { Priority, SavedView, Status, ViewFilter } from "../../../protocol/types.js";
import { capital, GONE, GONE_TEAM, type Names, quoted } from "../../automation/action-words.js";
import { PRIORITY_WORDS, STATUS_WORDS } from "../../names.js";
import { day } from "../../times.js";
import { CHANNEL_WORDS } from "../automation/rule-words.js";
import type { Owned } from "../owner-fields.js";

/** The form of a view. */
export interface ViewValues extends Owned {
	/** As it is written: not yet as it is asked. */
	readonly filter: ViewFilter;
}

/** The form of this view, or of one that is not there yet. */
export const viewValues = (view: SavedView | null): ViewValues => ({
	name: view?.name ?? "",
	shared: view !== null && view.owner_id === null ? "yes" : "no",
	filter: withFields(view?.filter ?? {}, {}),
});

type Fields = { readonly [field in keyof ViewFilter]?: ViewFilter[field] | undefined | "" };

const ORDER: readonly (keyof ViewFilter)[] = [
	"status",
	"assignee",
	"priority",
	"tag",
	"category",
	"team",
	"site",
	"channel",
	"snoozed",
	"from",
	"to",
	"sort",
];

/** A filter with other values: always in one order, and without what says nothing. */
export function withFields(filter: ViewFilter, over: Fields): ViewFilter {
	const all: Fields = { ...filter, ...over };
	const said = ORDER.map((field) => [field, all[field]] as const).filter(([, value]) =>
		Array.isArray(value) ? value.length > 0 : value !== undefined && value !== "",
	);
	return Object.fromEntries(said);
}

/** The day of a moment by the reader's calendar, as `<input type="date">` has it: `2026-11-21`. */
export function dayOf(at: string): string {
	const date = new Date(at);
	const two = (number: number) => String(number).padStart(2, "0");
	return `${String(date.getFullYear()).padStart(4, "0")}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** The first moment of a day; of none: nothing. */
export const startOf = (date: string): string => moment(`${date}T00:00`);

/** The last moment of a day; of none: nothing. */
export const endOf = (date: string): string => moment(`${date}T23:59:59.999`);

function moment(written: string): string {
	const at = new Date(written);
	// A year while it is typed may have five digits, which is no date.
	return Number.isNaN(at.getTime()) ? "" : at.toISOString();
}

/** A filter as the server is asked for it. */
export const asked = (filter: ViewFilter): ViewFilter =>
	withFields(filter, { tag: filter.tag?.trim(), category: filter.category?.trim() });

/** The filter of a search: `assignee=me&status=open,in_progress`. */
export function searchedFilter(query: string): ViewFilter {
	const words = new URLSearchParams(query);
	const status = words.get("status")?.split(",") as Status[] | undefined;
	return withFields({}, { status, assignee: words.get("assignee") ?? undefined });
}

const any = new Intl.ListFormat("en-GB", { type: "disjunction" });

/** Which chats it finds, in a sentence. */
export function filterWords(filter: ViewFilter, names: Names): string {
	const {
		status = [],
		assignee,
		priority = [],
		tag,
		category,
		team,
		site,
		channel,
		snoozed,
		from,
		to,
	} = filter;
	const lower = (words: Readonly<Record<string, string>>, some: readonly (Status | Priority)[]) =>
		any.format(some.map((one) => words[one]?.toLowerCase() ?? one));
	const parts = [
		status.length > 0 && lower(STATUS_WORDS, status),
		assignee !== undefined && holderWords(assignee, names),
		priority.length > 0 && `${lower(PRIORITY_WORDS, priority)} priority`,
		tag !== undefined && `tagged ${quoted(tag)}`,
		category !== undefined && `category ${quoted(category)}`,
		team !== undefined && `for ${names.teams.get(team) ?? GONE_TEAM}`,
		site !== undefined && `from ${names.sites.get(site) ?? site}`,
		channel !== undefined && `by ${CHANNEL_WORDS[channel]}`,
		from !== undefined && `gone on since ${day(from)}`,
		to !== undefined && `begun until ${day(to)}`,
		snoozed !== undefined && (snoozed ? "put aside" : "not put aside"),
		filter.sort === "waiting" && "waiting for an answer, longest first",
	].filter((part) => part !== false);
	return parts.length === 0 ? "All chats" : capital(parts.join("; "));
}

function holderWords(assignee: string, names: Names): string {
	if (assignee === "me") return "held by whoever looks";
	return assignee === "none" ? "held by nobody" : `held by ${names.agents.get(assignee) ?? GONE}`;
}

/** "12 chats fit now." */
export function fitWords(total: number): string {
	if (total === 0) return "No chat fits now.";
	return total === 1 ? "1 chat fits now." : `${total} chats fit now.`;
}

/** A service level in words, and as a form has it. */

import { HttpError } from "../../../client/index.js";
import type { Priority, Site, SiteId, SlaEscalation, SlaPolicy } from "../../../protocol/types.js";
import { PRIORITY_WORDS } from "../../names.js";
import { type Duration, durationOf, durationWords, secondsOf } from "./duration.js";

const listFormat = new Intl.ListFormat("en", { type: "conjunction" });

/** What can follow from a breach. */
export const ESCALATIONS: readonly (readonly [SlaEscalation, string])[] = [
	["raise_priority", "It becomes more urgent by one step"],
	["reassign", "It goes back in line, for another agent"],
	["notify", "Supervisors are told"],
];

/** What it promises: "First answer in 5 minutes, resolved in 1 day" */
export function promiseWords({ targets }: SlaPolicy): string {
	const {
		first_response_s: first,
		next_response_s: next,
		resolution_s: resolution,
		business_hours,
	} = targets;
	const said: string[] = [];
	if (first) said.push(`first answer in ${durationWords(first)}`);
	if (next) said.push(`later ones in ${durationWords(next)}`);
	if (resolution) said.push(`resolved in ${durationWords(resolution)}`);
	const words = said.join(", ");
	return `${words.charAt(0).toUpperCase()}${words.slice(1)}${business_hours ? ", in opening hours" : ""}`;
}

/** Which chats it is for: "High and Urgent, tagged vip" */
export function scopeWords({ when = {} }: SlaPolicy, sites: readonly Site[]): string {
	const { priorities = [], tags = [], sites: at = [] } = when;
	const said: string[] = [];
	if (priorities.length > 0) said.push(listFormat.format(priorities.map((one) => PRIORITY_WORDS[one])));
	if (tags.length > 0) said.push(`tagged ${tags.join(" or ")}`);
	const names = at.map((id) => sites.find((site) => site.id === id)?.name ?? "a site that is no more");
	if (names.length > 0) said.push(`on ${names.join(" or ")}`);
	return said.length === 0 ? "All chats" : said.join(", ");
}

/** As the form has it. */
export interface LevelValues {
	readonly name: string;
	readonly first_response_s: Duration;
	readonly next_response_s: Duration;
	readonly resolution_s: Duration;
	readonly business_hours: "no" | "yes";
	readonly warn_before_s: Duration;
	readonly priorities: readonly Priority[];
	readonly tags: string;
	readonly sites: readonly SiteId[];
	readonly escalate: readonly SlaEscalation[];
}

/** The form of a policy, or of a new one. */
export function valuesOf(policy: SlaPolicy | null): LevelValues {
	const { first_response_s, next_response_s, resolution_s, business_hours } = policy?.targets ?? {};
	const { priorities = [], tags = [], sites = [] } = policy?.when ?? {};
	return {
		name: policy?.name ?? "",
		first_response_s: durationOf(first_response_s),
		next_response_s: durationOf(next_response_s),
		resolution_s: durationOf(resolution_s),
		business_hours: business_hours ? "yes" : "no",
		warn_before_s: durationOf(policy?.warn_before_s),
		priorities,
		tags: tags.join(", "),
		sites,
		escalate: policy?.escalate ?? [],
	};
}

/** What is sent of the form; throws what is wrong with it. */
export function policyOf(values: LevelValues): SlaPolicy {
	const targets: SlaPolicy["targets"] = { business_hours: values.business_hours === "yes" };
	for (const field of ["first_response_s", "next_response_s", "resolution_s"] as const) {
		const seconds = secondsOf(values[field], field);
		if (seconds !== null) targets[field] = seconds;
	}
	const tags = values.tags
		.split(",")
		.map((tag) => tag.trim())
		.filter((tag) => tag !== "");
	return {
		name: values.name,
		when: { priorities: [...values.priorities], tags, sites: [...values.sites] },
		targets,
		warn_before_s: secondsOf(values.warn_before_s, "warn_before_s") ?? 0,
		escalate: [...values.escalate],
	};
}

/** The server's faults by the names of the form: `sla[2].targets.resolution_s` is `resolution_s`. */
export function inForm(error: HttpError, at: number): HttpError {
	const own = `sla[${at}].`;
	const errors = error.errors.map(({ field, message }) => {
		if (!field.startsWith(own)) return { field, message };
		const [first = "", ...rest] = field.slice(own.length).split(".");
		// That nothing is promised is said where the first promise is made.
		const name = rest[0]?.replace(/\[.*$/, "") ?? (first === "targets" ? "first_response_s" : first);
		return { field: name, message };
	});
	return new HttpError(error.status, error.code, error.message, errors);
}

/** How chats find their agents, as a form over the server's settings. */

import { HttpError } from "../../../client/index.js";
import type { RoutingMode, RoutingSettings, SiteRouting, TeamRouting } from "../../../protocol/types.js";

/** A mode, or "": as it is otherwise. */
export type ModeChoice = RoutingMode | "";

/** The form. Numbers are as they were typed. */
export interface RoutingForm {
	readonly mode: ModeChoice;
	readonly offer_seconds: string;
	readonly away_after_unanswered: string;
	readonly max_wait_s: string;
	/** A team's id, or "": leave a message. */
	readonly fallback: string;
	readonly language_required: "no" | "yes";
	readonly take_messages: "" | "no" | "yes";
	readonly sites: Readonly<Record<string, SiteRouting>>;
	readonly teams: Readonly<Record<string, TeamRouting>>;
}

const shown = (number: number | null): string => (number === null ? "" : String(number));

/** The form as the server has it. */
export const formOf = (settings: RoutingSettings): RoutingForm => ({
	mode: settings.mode ?? "",
	offer_seconds: shown(settings.offer_seconds),
	away_after_unanswered: shown(settings.away_after_unanswered),
	max_wait_s: shown(settings.max_wait_s),
	fallback: settings.fallback.type === "team" ? settings.fallback.team_id : "",
	language_required: settings.language_required ? "yes" : "no",
	take_messages: settings.take_messages === null ? "" : settings.take_messages ? "yes" : "no",
	sites: settings.sites,
	teams: settings.teams,
});

/** What cannot be a number is told as the server would tell it. */
function numberOf(field: string, typed: string): number | null {
	const text = typed.trim();
	if (text === "") return null;
	if (/^\d{1,9}$/.test(text)) return Number(text);
	throw new HttpError(422, "invalid", "Not a number.", [{ field, message: "must be a whole number" }]);
}

/** What says nothing is left out. */
function said<T extends SiteRouting | TeamRouting>(all: Readonly<Record<string, T>>): Record<string, T> {
	const says = (one: SiteRouting | TeamRouting) =>
		one.mode !== null || ("team" in one && (one.team !== null || one.skills.length > 0));
	return Object.fromEntries(Object.entries(all).filter(([, one]) => says(one)));
}

/** The settings as the form wants them. */
export const settingsOf = (form: RoutingForm): RoutingSettings => ({
	mode: form.mode || null,
	offer_seconds: numberOf("offer_seconds", form.offer_seconds),
	away_after_unanswered: numberOf("away_after_unanswered", form.away_after_unanswered),
	max_wait_s: numberOf("max_wait_s", form.max_wait_s),
	fallback: form.fallback === "" ? { type: "leave_message" } : { type: "team", team_id: form.fallback },
	language_required: form.language_required === "yes",
	take_messages: form.take_messages === "" ? null : form.take_messages === "yes",
	sites: said(form.sites),
	teams: said(form.teams),
});

/** The server names the fields from the top of all settings. */
export function withoutSection(error: unknown): unknown {
	if (!(error instanceof HttpError)) return error;
	const errors = error.errors.map(({ field, message }) => ({
		field: field.replace(/^routing\./, ""),
		message,
	}));
	return new HttpError(error.status, error.code, error.message, errors, error.retryAfterMs);
}

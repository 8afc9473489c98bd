/** Moments as the visitor writes them. */
import { words } from "./words.js";

const DAY_MS = 86_400_000;

// Our words are English; of the visitor's languages, the English one says which.
const english = navigator.languages.find((tag) => /^en\b/.test(tag)) ?? "en-GB";
const clockFormat = new Intl.DateTimeFormat(navigator.language, { hour: "2-digit", minute: "2-digit" });
const weekdayFormat = new Intl.DateTimeFormat(english, { weekday: "long" });
const dateFormat = new Intl.DateTimeFormat(english, { day: "numeric", month: "long" });
const dateYearFormat = new Intl.DateTimeFormat(english, { day: "numeric", month: "long", year: "numeric" });

/** The hour and minute. */
export const clock = (at: number): string => clockFormat.format(at);

function midnight(at: number): number {
	return new Date(at).setHours(0, 0, 0, 0);
}

/** Tells days apart, by the visitor's calendar. */
export const dayOf = midnight;

/** "Today", "Yesterday", the weekday within a week, then the date. */
export function dayLabel(at: number, now: number): string {
	// Rounded, because midnights are 23 or 25 hours apart when the clocks change.
	const days = Math.round((midnight(now) - midnight(at)) / DAY_MS);
	if (days <= 0) return "Today";
	if (days === 1) return "Yesterday";
	if (days < 7) return weekdayFormat.format(at);
	return dateLabel(at, now);
}

/** When the shop opens again, by the visitor's own clock and calendar. */
export function backLabel(at: number, now: number): string {
	const days = Math.round((midnight(at) - midnight(now)) / DAY_MS);
	if (days <= 0) return words.backToday(clock(at));
	if (days === 1) return words.backTomorrow(clock(at));
	return words.backOn(days < 7 ? weekdayFormat.format(at) : dateLabel(at, now), clock(at));
}

function dateLabel(at: number, now: number): string {
	const thisYear = new Date(at).getFullYear() === new Date(now).getFullYear();
	return (thisYear ? dateFormat : dateYearFormat).format(at);
}

/** How moments and spans are written. The words are English, the hour is the reader's: 14:36 or 2:36 PM. */

const asked = typeof navigator === "undefined" ? [] : navigator.languages;
const locale = asked.find((tag) => tag === "en" || tag.startsWith("en-")) ?? "en-GB";
const hourCycle = new Intl.DateTimeFormat(asked[0], { hour: "numeric" }).resolvedOptions().hourCycle ?? "h23";

const clockFormat = new Intl.DateTimeFormat(locale, {
	hour: hourCycle === "h23" || hourCycle === "h24" ? "2-digit" : "numeric",
	minute: "2-digit",
	hourCycle,
});
const weekdayFormat = new Intl.DateTimeFormat(locale, { weekday: "long" });
const dayFormat = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" });
const dayYearFormat = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric" });
const relativeDay = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });

const unit = (name: "minute" | "hour" | "day") =>
	new Intl.NumberFormat("en", { style: "unit", unit: name, unitDisplay: "short" });
const minuteFormat = unit("minute");
const hourFormat = unit("hour");
const daysFormat = unit("day");

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** "14:36" */
export const clock = (at: string | number): string => clockFormat.format(new Date(at));

const midnight = (at: Date): number => new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();

/** Tells days apart, by the reader's calendar. */
export const dayKey = (at: string | number): number => midnight(new Date(at));

/** "Today", "Yesterday", the weekday within a week, then the date. */
export function dayLabel(at: string | number, now: number): string {
	const date = new Date(at);
	// Rounded, because two midnights are 23 or 25 hours apart when the clocks change.
	const days = Math.round((midnight(new Date(now)) - midnight(date)) / DAY);
	if (days === 0 || days === 1) {
		const words = relativeDay.format(-days, "day");
		return words.charAt(0).toLocaleUpperCase(locale) + words.slice(1);
	}
	if (days > 1 && days < 7) return weekdayFormat.format(date);
	return dayDate(date, new Date(now));
}

/** "3 Nov 2026" */
export const day = (at: string | number): string => dayYearFormat.format(new Date(at));

function dayDate(date: Date, now: Date): string {
	return (date.getFullYear() === now.getFullYear() ? dayFormat : dayYearFormat).format(date);
}

/** When something to come is, as short as can be: "14:36", "tomorrow, 09:00", "Monday, 09:00", "27 Nov, 09:00". */
export function coming(at: string | number, now: number): string {
	const date = new Date(at);
	const days = Math.round((midnight(date) - midnight(new Date(now))) / DAY);
	if (days === 0) return clock(at);
	const day =
		days === 1
			? relativeDay.format(1, "day")
			: days > 1 && days < 7
				? weekdayFormat.format(date)
				: dayDate(date, new Date(now));
	return `${day}, ${clock(at)}`;
}

/** The same for ever, told from `since`: the hour on that day, else with its date. */
export function fixed(at: string, since: string): string {
	if (dayKey(at) === dayKey(since)) return clock(at);
	return `${dayDate(new Date(at), new Date(since))}, ${clock(at)}`;
}

/** How long ago, as short as a list row needs it: "now", "12 min", "2 hr", then the day. */
export function ago(at: string | number, now: number): string {
	const date = new Date(at);
	const span = now - date.getTime();
	if (span < MINUTE) return "now";
	if (span < HOUR) return minuteFormat.format(Math.floor(span / MINUTE));
	if (span < DAY) return hourFormat.format(Math.floor(span / HOUR));
	return dayLabel(at, now);
}

/** How long something is, in its largest unit: "1 min", "2 hr", "3 days". */
export function span(ms: number): string {
	if (ms < HOUR) return minuteFormat.format(Math.max(1, Math.floor(ms / MINUTE)));
	if (ms < 2 * DAY) return hourFormat.format(Math.floor(ms / HOUR));
	return daysFormat.format(Math.floor(ms / DAY));
}

/** Day and hour: "Today, 14:36". */
export const dayAndClock = (at: string | number, now: number): string => `${dayLabel(at, now)}, ${clock(at)}`;

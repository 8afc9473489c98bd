/** Opening hours as they are edited: every day is there, and what is not in force is kept until it is saved. */

import type { FieldError, OpeningHours, TimeSpan, Weekday } from "../../../protocol/types.js";

/** The days, from Monday. */
export const WEEKDAYS: readonly (readonly [day: Weekday, name: string])[] = [
	["mon", "Monday"],
	["tue", "Tuesday"],
	["wed", "Wednesday"],
	["thu", "Thursday"],
	["fri", "Friday"],
	["sat", "Saturday"],
	["sun", "Sunday"],
];

/** A day that differs from the week. */
export interface HolidayForm {
	readonly date: string;
	readonly name: string;
	readonly spans: readonly TimeSpan[];
}

/** The form. */
export interface HoursForm {
	readonly mode: "always" | "week";
	readonly time_zone: string;
	readonly week: Readonly<Record<Weekday, readonly TimeSpan[]>>;
	readonly holidays: readonly HolidayForm[];
}

/** The server's limits; it counts again. */
export const SPANS_A_DAY = 6;
export const HOLIDAYS = 200;

const OFFICE: readonly TimeSpan[] = [{ from: "09:00", to: "17:00" }];

/** The form of what a site has; `zone` where it has said none. */
export function hoursForm(hours: OpeningHours | null, zone: string): HoursForm {
	const given = hours?.week;
	const days = WEEKDAYS.map(([day], at) => {
		// Who first comes to open by the week finds something to begin with.
		const spans = given ? (given[day] ?? []) : at < 5 ? OFFICE : [];
		return [day, spans] as const;
	});
	return {
		mode: given ? "week" : "always",
		time_zone: hours?.time_zone ?? zone,
		week: Object.fromEntries(days) as Record<Weekday, readonly TimeSpan[]>,
		holidays: (hours?.holidays ?? []).map(({ date, name = "", spans = [] }) => ({ date, name, spans })),
	};
}

/** What the server is asked for. Open day and night without an exception needs no hours at all. */
export function wireHours({ mode, time_zone, week, holidays }: HoursForm): OpeningHours | null {
	if (mode === "always" && holidays.length === 0) return null;
	const days = WEEKDAYS.map(([day]) => [day, [...week[day]]] as const).filter(
		([, spans]) => spans.length > 0,
	);
	const named = holidays.map(({ date, name, spans }) => ({
		date,
		...(name.trim() ? { name: name.trim() } : {}),
		...(spans.length > 0 ? { spans: [...spans] } : {}),
	}));
	return {
		time_zone: time_zone.trim(),
		...(mode === "always" ? { always: true } : { week: Object.fromEntries(days) }),
		...(named.length > 0 ? { holidays: named } : {}),
	};
}

const TIME = /^\d\d:\d\d$/;

/** What is missing. All else the server says better. */
export function missing({ mode, week, holidays }: HoursForm): readonly FieldError[] {
	const faults: FieldError[] = [];
	const times = (field: string, spans: readonly TimeSpan[]) => {
		for (const [at, { from, to }] of spans.entries()) {
			if (!TIME.test(from)) faults.push({ field: `${field}[${at}].from`, message: "is missing" });
			if (!TIME.test(to)) faults.push({ field: `${field}[${at}].to`, message: "is missing" });
		}
	};
	if (mode === "week") for (const [day] of WEEKDAYS) times(`hours.week.${day}`, week[day]);
	for (const [at, { date, spans }] of holidays.entries()) {
		const field = `hours.holidays[${at}]`;
		const first = holidays.findIndex((one) => one.date === date);
		if (date === "") faults.push({ field: `${field}.date`, message: "is missing" });
		else if (first < at) faults.push({ field: `${field}.date`, message: "is in this list already" });
		times(`${field}.spans`, spans);
	}
	return faults;
}

const minutes = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
const timeOf = (at: number): string =>
	`${String(Math.floor(at / 60)).padStart(2, "0")}:${String(at % 60).padStart(2, "0")}`;

/** One more span of a day, an hour after the last; null: there is no room for one. */
export function nextSpan(spans: readonly TimeSpan[]): TimeSpan | null {
	const last = spans.at(-1);
	if (!last) return { from: "09:00", to: "17:00" };
	const from = TIME.test(last.to) ? minutes(last.to) + 60 : Number.NaN;
	if (spans.length >= SPANS_A_DAY || !(from < 24 * 60)) return null;
	return { from: timeOf(from), to: timeOf(Math.min(from + 4 * 60, 24 * 60)) };
}

/** A field of a browser knows no 24:00: as an end, midnight is that of the day's own end. */
export const endShown = (to: string): string => (to === "24:00" ? "00:00" : to);
export const endMeant = (shown: string): string => (shown === "00:00" ? "24:00" : shown);

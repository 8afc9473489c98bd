/** Until when a chat can be put aside with one press. */

/** A moment and its name. */
export interface AsideTime {
	readonly name: string;
	readonly at: number;
}

const HOUR = 60 * 60_000;
const MORNING = 9;
const MONDAY = 1;

/** In an hour, tomorrow morning, Monday morning; by the reader's clock, in their order. */
export function asideTimes(now: number): readonly AsideTime[] {
	const today = new Date(now);
	// By the calendar and not by adding hours: days have 23 or 25 of them when the clocks change.
	const morning = (days: number) =>
		new Date(today.getFullYear(), today.getMonth(), today.getDate() + days, MORNING).getTime();
	const toMonday = (MONDAY - today.getDay() + 7) % 7 || 7;
	const times = [
		{ name: "For an hour", at: now + HOUR },
		{ name: "Until tomorrow morning", at: morning(1) },
	];
	// On a Sunday that is the same.
	if (toMonday > 1) times.push({ name: "Until Monday morning", at: morning(toMonday) });
	return times;
}

const two = (part: number): string => String(part).padStart(2, "0");

/** What a `datetime-local` field calls this moment. */
export function fieldTime(at: number): string {
	const date = new Date(at);
	const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
	return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** The moment in the field, or why it cannot be. */
export function chosenTime(text: string, now: number): { at: number } | { error: string } {
	const at = new Date(text).getTime();
	if (Number.isNaN(at)) return { error: "Choose a day and an hour." };
	if (at <= now) return { error: "Choose a time to come." };
	const year = new Date(now);
	year.setFullYear(year.getFullYear() + 1);
	if (at > year.getTime()) return { error: "Choose a time within a year." };
	return { at };
}

/** How long something takes, as people write it: a number, and what it counts. */

import { refused } from "../faults.js";

/** What a number counts. */
export type Unit = "minutes" | "hours" | "days";

/** An empty amount: not at all, or never. */
export interface Duration {
	readonly amount: string;
	readonly unit: Unit;
}

const SECONDS: Readonly<Record<Unit, number>> = { minutes: 60, hours: 3_600, days: 86_400 };

/** The units, the least first. */
export const UNITS: readonly Unit[] = ["minutes", "hours", "days"];

/** In the largest unit that says it exactly. */
export function durationOf(seconds: number | null | undefined): Duration {
	if (!seconds) return { amount: "", unit: "minutes" };
	const unit = UNITS.findLast((one) => seconds % SECONDS[one] === 0) ?? "minutes";
	return { amount: String(Math.round((seconds / SECONDS[unit]) * 100) / 100), unit };
}

/** Null where nothing is written; what is no number is refused, before the server is asked. */
export function secondsOf({ amount, unit }: Duration, field: string): number | null {
	const word = amount.trim().replace(",", ".");
	if (word === "") return null;
	if (!/^\d{1,6}(\.\d{1,2})?$/.test(word)) throw refused(field, "must be a number, or empty");
	return Math.round(Number(word) * SECONDS[unit]);
}

/** "5 minutes", "1 day" */
export function durationWords(seconds: number): string {
	const { amount, unit } = durationOf(seconds);
	return `${amount} ${amount === "1" ? unit.slice(0, -1) : unit}`;
}

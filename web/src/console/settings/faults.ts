/** Why the server did not take a form, field by field. */

import { HttpError } from "../../client/index.js";
import type { FieldError } from "../../protocol/types.js";

/** What is wrong with a form. */
export interface Faults {
	/** As the server names them: `name`, `hours.week.mon[1].from`. */
	readonly fields: readonly FieldError[];
	/** What concerns the form as a whole. */
	readonly whole: string | null;
}

/** Nothing is wrong. */
export const NO_FAULTS: Faults = { fields: [], whole: null };

/** A refusal before the server is asked, in its own words. */
export const refused = (field: string, message: string): HttpError => refusedAll([{ field, message }]);

/** The same, of several fields. */
export const refusedAll = (faults: readonly FieldError[]): HttpError =>
	new HttpError(422, "invalid", "This cannot be saved.", faults);

/** What a refusal is about, where `shown` are the fields that can say so themselves. */
export function faultsOf(error: HttpError, shown: readonly string[], unique?: string): Faults {
	// A conflict is about the one value that nothing else may have.
	if (error.code === "conflict" && unique !== undefined) {
		return { fields: [{ field: unique, message: "is in use already" }], whole: null };
	}
	const own = error.errors.filter(({ field }) => shown.some((name) => isWithin(field, name)));
	const rest = error.errors.filter((fault) => !own.includes(fault));
	if (own.length > 0 && rest.length === 0) return { fields: own, whole: null };
	if (rest.length > 0) {
		return { fields: own, whole: rest.map(({ field, message }) => sentence(field, message)).join(" ") };
	}
	const again = error.retryable ? " What you wrote is kept." : "";
	return { fields: [], whole: `${error.message}${again}` };
}

const isWithin = (field: string, name: string): boolean =>
	field === name || field.startsWith(`${name}.`) || field.startsWith(`${name}[`);

/** The server's words about a field, or about what is in it, called as people call it; null: nothing is wrong. */
export function faultAt({ fields }: Faults, name: string, label: string): string | null {
	const fault = fields.find(({ field }) => isWithin(field, name));
	return fault ? sentence(label, fault.message) : null;
}

const sentence = (what: string, message: string): string => `${what} ${message.replace(/\.$/, "")}.`;

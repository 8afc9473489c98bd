import type { PrechatName } from "../protocol/types.js";
import { type Country, checkPhone } from "./countries.js";
import { words } from "./words.js";

export type FormValues = Readonly<Record<PrechatName, string>>;
export type FormErrors = Partial<Record<PrechatName, string>>;

const NEEDED: Readonly<Record<PrechatName, string>> = {
	name: words.needName,
	phone: words.needPhone,
	email: words.needEmail,
	message: words.needMessage,
};

const PHONE = {
	empty: words.needPhone,
	odd: words.phoneOdd,
	short: words.phoneShort,
	long: words.phoneLong,
} as const;

/** What is wrong with a field, in a sentence; null when nothing is. */
export function problemOf(
	name: PrechatName,
	value: string,
	required: boolean,
	country: Country,
): string | null {
	if (value.trim() === "") return required ? NEEDED[name] : null;
	if (name === "phone") {
		const check = checkPhone(value, country);
		return check.ok ? null : PHONE[check.problem];
	}
	// Only what cannot be an address at all: the server and the post decide on the rest.
	if (name === "email" && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value.trim())) return words.emailOdd;
	return null;
}

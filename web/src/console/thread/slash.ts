/** Canned answers in what is written: what is typed after `/`, what comes in its place, and the blanks in it. */

import type { CannedAnswer, RenderedCanned } from "../../protocol/types.js";

/** A shortcut that is being typed. */
export interface Slash {
	/** Where its `/` stands. */
	readonly at: number;
	readonly typed: string;
}

/** The shortcut before the caret, if one is being typed: at the start of a word. */
export function slashAt(text: string, caret: number): Slash | null {
	const match = /(?:^|\s)\/([\p{L}\p{N}\p{M}_-]{0,40})$/u.exec(text.slice(0, caret));
	const typed = match?.[1];
	return typed === undefined ? null : { at: caret - typed.length - 1, typed };
}

/** Whether it still stands there. */
const stands = (text: string, { at, typed }: Slash): boolean =>
	text.slice(at, at + 1 + typed.length) === `/${typed}`;

/** Of what was found before, what still fits: until the server says it. */
export const stillFit = (answers: readonly CannedAnswer[], typed: string): readonly CannedAnswer[] =>
	answers.filter(({ shortcut, title, body }) =>
		`${shortcut}\n${title}\n${body}`.toLowerCase().includes(typed.toLowerCase()),
	);

/** The text with a `/` at the caret, where a shortcut can begin. */
export function withSlash(text: string, caret: number): { text: string; caret: number } {
	const before = text.slice(0, caret);
	const slash = before === "" || /\s$/.test(before) ? "/" : " /";
	return { text: before + slash + text.slice(caret), caret: caret + slash.length };
}

/** The text with the answer in place of its shortcut, or at the caret if that is gone. */
export function withAnswer(
	text: string,
	slash: Slash,
	caret: number,
	body: string,
): { text: string; start: number; end: number } {
	const [start, after] = stands(text, slash) ? [slash.at, slash.at + 1 + slash.typed.length] : [caret, caret];
	return { text: text.slice(0, start) + body + text.slice(after), start, end: start + body.length };
}

/** An answer in pieces; what is missing is a blank. */
export function blankPieces({ body, missing }: RenderedCanned): { text: string; blank: boolean }[] {
	// The server counts characters, not code units.
	const characters = [...body];
	const pieces: { text: string; blank: boolean }[] = [];
	let done = 0;
	for (const { at, length } of missing) {
		pieces.push({ text: characters.slice(done, at).join(""), blank: false });
		pieces.push({ text: characters.slice(at, at + length).join(""), blank: true });
		done = at + length;
	}
	pieces.push({ text: characters.slice(done).join(""), blank: false });
	return pieces.filter(({ text }) => text !== "");
}

/** A blank in the text. */
export interface Blank {
	readonly start: number;
	readonly end: number;
}

/** Where the blanks still stand, in their order. */
export function blanksIn(text: string, blanks: readonly string[]): readonly Blank[] {
	const found: Blank[] = [];
	for (const blank of new Set(blanks)) {
		for (let at = text.indexOf(blank); at >= 0; at = text.indexOf(blank, at + blank.length)) {
			found.push({ start: at, end: at + blank.length });
		}
	}
	return found.sort((a, b) => a.start - b.start);
}

/** A blank that was chosen, and what stood around it then. */
export interface ChosenBlank {
	readonly blank: string;
	readonly before: string;
	readonly after: string;
}

/** What was written in place of the chosen blank stands wherever else it was. Null where there is nothing to do. */
export function spread(
	text: string,
	{ blank, before, after }: ChosenBlank,
): { text: string; caret: number } | null {
	if (text.length < before.length + after.length || !text.startsWith(before) || !text.endsWith(after))
		return null;
	const written = text.slice(before.length, text.length - after.length);
	if (written.includes(blank) || written.trim() === "") return null;
	const start = before.replaceAll(blank, () => written) + written;
	const all = start + after.replaceAll(blank, () => written);
	return all === text ? null : { text: all, caret: start.length };
}

/** `[order number]` as people read it. */
export const blankName = (blank: string): string => blank.slice(1, -1);

/** "1 blank", "3 blanks" */
export const blanksWords = (count: number): string => `${count} blank${count === 1 ? "" : "s"}`;

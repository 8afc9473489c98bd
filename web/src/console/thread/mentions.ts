/** Naming colleagues in a note: what is being typed, who fits, who is named in the end. */

import type { AgentId } from "../../protocol/types.js";
import { type Colleague, found } from "../ticket/colleagues.js";

/** A name that is being typed. */
export interface Naming {
	/** Where its `@` stands. */
	readonly at: number;
	readonly typed: string;
}

const SHOWN = 6;

/** The name before the caret, if one is being typed. */
export function namingAt(text: string, caret: number): Naming | null {
	const match = /(?:^|[\s(])@([\p{L}\p{N}\p{M}._-]{0,40})$/u.exec(text.slice(0, caret));
	const typed = match?.[1];
	return typed === undefined ? null : { at: caret - typed.length - 1, typed };
}

/** Who is meant, perhaps. */
export const whoFits = (all: readonly Colleague[], { typed }: Naming): readonly Colleague[] =>
	found(all, typed).slice(0, SHOWN);

/** The text with the name, and where the caret is then. */
export function named(text: string, naming: Naming, name: string): { text: string; caret: number } {
	const before = `${text.slice(0, naming.at)}@${name} `;
	const after = text.slice(naming.at + 1 + naming.typed.length).replace(/^ /, "");
	return { text: before + after, caret: before.length };
}

/** Of those who were chosen, who still stands in the text. */
export const stillNamed = (text: string, chosen: ReadonlyMap<AgentId, string>): AgentId[] =>
	[...chosen].filter(([, name]) => text.includes(`@${name}`)).map(([id]) => id);

/** The text in pieces, each a name or not. */
export function pieces(text: string, names: readonly string[]): { text: string; name: boolean }[] {
	const known = names.filter((name) => name !== "").sort((a, b) => b.length - a.length);
	if (known.length === 0) return [{ text, name: false }];
	const any = known.map((name) => name.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
	return text
		.split(new RegExp(`(@(?:${any}))`, "u"))
		.filter((piece) => piece !== "")
		.map((piece) => ({ text: piece, name: piece.startsWith("@") && known.includes(piece.slice(1)) }));
}

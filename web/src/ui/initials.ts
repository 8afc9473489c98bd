/** What an avatar shows of a person: letters from the name, a colour from the id. */

/** How many colour pairs there are in tokens.css (`--avatar-1` …). */
export const AVATAR_COLOURS = 6;

/** Which colour pair an id has: the same everywhere and for ever, so it is hashed rather than handed out. */
export function avatarColour(id: string): number {
	let hash = 2166136261;
	for (let at = 0; at < id.length; at += 1) {
		hash = Math.imul(hash ^ id.charCodeAt(at), 16777619);
	}
	return ((hash >>> 0) % AVATAR_COLOURS) + 1;
}

const segmenter = typeof Intl.Segmenter === "function" ? new Intl.Segmenter(undefined) : null;

/** The first letter as a reader counts letters: with its combining marks. */
function firstLetter(word: string): string {
	if (segmenter) {
		for (const { segment } of segmenter.segment(word)) return segment;
	}
	return [...word][0] ?? "";
}

/**
 * Up to two letters: of the first and the last word. One letter where there is one word or the script has no
 * capitals (two Arabic or Chinese letters side by side read as a word). Empty for bare numbers.
 */
export function initials(name: string | null | undefined): string {
	const words = (name ?? "").split(/[\s\-_.·]+/u).filter((word) => /\p{L}/u.test(word));
	const first = words[0];
	if (!first) return "";
	const last = words.length > 1 ? words[words.length - 1] : undefined;
	const one = firstLetter(first.replace(/^[^\p{L}]+/u, ""));
	const capital = one.toLocaleUpperCase();
	if (!last || capital === one.toLocaleLowerCase()) return capital;
	return capital + firstLetter(last.replace(/^[^\p{L}]+/u, "")).toLocaleUpperCase();
}

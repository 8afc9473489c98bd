/** Languages by name and by tag (BCP 47). */

const names = new Intl.DisplayNames(["en"], { type: "language", fallback: "none" });

/** Those that are offered; any other can be written by its tag. */
const OFFERED =
	"ar bg bn bs ca cs cy da de el en en-GB en-US es es-419 et eu fa fi fil fr fr-CA ga gl he hi hr hu id is it ja ka kk ko lt lv mk ms mt nb nl pl pt pt-BR ro ru sk sl sq sr sv sw ta th tr uk ur vi zh zh-Hant".split(
		" ",
	);

/** "German", or the tag itself where it has no name. */
export function languageName(tag: string): string {
	try {
		return names.of(tag) ?? tag;
	} catch {
		return tag;
	}
}

/** What can be chosen, by name. */
export const LANGUAGES: readonly { readonly tag: string; readonly name: string }[] = OFFERED.map((tag) => ({
	tag,
	name: languageName(tag),
})).sort((a, b) => a.name.localeCompare(b.name));

/** The tag of what was written, a name or a tag; null: it is neither. */
export function languageTag(text: string): string | null {
	const word = text.trim().toLowerCase();
	const named = LANGUAGES.find(({ name, tag }) => name.toLowerCase() === word || tag.toLowerCase() === word);
	if (named) return named.tag;
	if (!/^[a-z]{2,3}(-[a-z\d]{2,8})*$/.test(word)) return null;
	try {
		return Intl.getCanonicalLocales(word)[0] ?? null;
	} catch {
		return null;
	}
}

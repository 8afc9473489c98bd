/** What a login's browser is, from what it said of itself. */

const BROWSERS: readonly (readonly [mark: RegExp, name: string])[] = [
	[/\bEdgA?(iOS)?\//, "Edge"],
	[/\bOPR\//, "Opera"],
	[/\bSamsungBrowser\//, "Samsung Internet"],
	[/\b(Firefox|FxiOS)\//, "Firefox"],
	[/\b(Chrome|Chromium|CriOS|HeadlessChrome)\//, "Chrome"],
	[/\bVersion\/\S+ .*\bSafari\//, "Safari"],
];

const SYSTEMS: readonly (readonly [mark: RegExp, name: string])[] = [
	[/\bWindows\b/, "Windows"],
	[/\bAndroid\b/, "Android"],
	[/\biPad\b/, "iPad"],
	[/\biPhone\b/, "iPhone"],
	[/\bMac OS X\b|\bMacintosh\b/, "Mac"],
	[/\bCrOS\b/, "ChromeOS"],
	[/\bLinux\b/, "Linux"],
];

const named = (all: typeof BROWSERS, label: string) => all.find(([mark]) => mark.test(label))?.[1];

/** "Firefox, Windows"; else what it said, and what to say where it said nothing. */
export function browserWords(label: string): string {
	const words = [named(BROWSERS, label), named(SYSTEMS, label)].filter((word) => word !== undefined);
	if (words.length > 0) return words.join(", ");
	return label.trim() || "A browser that does not say what it is";
}

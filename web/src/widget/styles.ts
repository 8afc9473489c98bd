/**
 * A style sheet for the shadow root. Constructed sheets pass under a page's `style-src`, where `<style>` would not.
 *
 * `rem` would mean the shop's root size, which is often 10 px. `--rem` is what the visitor's browser calls medium,
 * so that a visitor's own choice counts and a shop's reset does not.
 */
export function addStyles(root: ShadowRoot, ...texts: string[]): void {
	const sheets = texts.map((text) => {
		const sheet = new CSSStyleSheet();
		sheet.replaceSync(text.replace(/(-?(?:\d*\.)?\d+)rem\b/g, "calc(var(--rem) * $1)"));
		return sheet;
	});
	root.adoptedStyleSheets = [...root.adoptedStyleSheets, ...sheets];
}

/** The console's panes, as the keyboard knows them. */

/** In the order of F6. */
export const PANES = ["rail", "list", "thread", "composer", "side"] as const;

/** A pane's name: stands as `data-pane` on what takes its focus. */
export type Pane = (typeof PANES)[number];

const isShown = (element: HTMLElement) => element.getClientRects().length > 0;

function target(pane: Pane): HTMLElement | null {
	for (const element of document.querySelectorAll<HTMLElement>(`[data-pane="${pane}"]`)) {
		if (isShown(element)) return element;
	}
	return null;
}

/** Focuses a pane once the page has been drawn; false if it is not shown then. */
export function focusPane(pane: Pane): void {
	requestAnimationFrame(() => target(pane)?.focus());
}

/** Focuses the field of the search, with what stands in it chosen. */
export function focusSearch(): void {
	requestAnimationFrame(() => {
		const field = document.querySelector<HTMLInputElement>("[data-search]");
		field?.focus();
		field?.select();
	});
}

/** Goes on to the next pane that is shown, or back. */
export function cyclePanes(step: 1 | -1): void {
	const here = document.activeElement?.closest<HTMLElement>("[data-pane], [data-pane-area]");
	const name = here?.dataset.pane ?? here?.dataset.paneArea;
	const at = PANES.indexOf(name as Pane);
	for (let tried = 1; tried <= PANES.length; tried += 1) {
		const next = PANES[(at + step * tried + PANES.length * 2) % PANES.length];
		const element = next && target(next);
		if (element) {
			element.focus();
			return;
		}
	}
}

/** Moves the focus in the list by rows; from elsewhere, comes back to the row it left. */
export function moveInList(step: 1 | -1): void {
	const rows = [...document.querySelectorAll<HTMLElement>("[data-row]")].filter(isShown);
	const at = rows.indexOf(document.activeElement as HTMLElement);
	const next = at < 0 ? rows.find((row) => row.tabIndex === 0) : rows[at + step];
	next?.focus();
}

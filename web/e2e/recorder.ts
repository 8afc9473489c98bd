/** What stood on a page, and when: for what comes and goes too fast to be waited for. */
import type { Page } from "playwright-core";

/** A text that was to be seen, by the clock of the machine. */
export interface Sight {
	readonly part: string;
	/** The second of two that are there at once ends with `#2`. */
	readonly text: string;
	readonly from: number;
	/** Null while it is still there. */
	readonly to: number | null;
}

interface Recording {
	sights: { part: string; text: string; from: number; to: number | null }[];
}

export class Recorder {
	readonly #page: Page;

	private constructor(page: Page) {
		this.#page = page;
	}

	/** Watches parts of the page, each named by a selector, for as long as the page is not loaded again. */
	static async on(page: Page, parts: Readonly<Record<string, string>>): Promise<Recorder> {
		await page.evaluate((selectors) => {
			const recording: Recording = { sights: [] };
			Object.assign(globalThis, { hubbubRecording: recording });
			const root = document.querySelector("hubbub-chat")?.shadowRoot ?? document;
			const look = (): void => {
				const now = Date.now();
				const seen = new Set<string>();
				for (const [part, selector] of Object.entries(selectors)) {
					for (const element of root.querySelectorAll(selector)) {
						if (element.getClientRects().length === 0) continue;
						const text = element.textContent ?? "";
						let key = text;
						for (let n = 2; seen.has(`${part} ${key}`); n += 1) key = `${text} #${n}`;
						seen.add(`${part} ${key}`);
						const known = recording.sights.some(
							(sight) => sight.to === null && sight.part === part && sight.text === key,
						);
						if (!known) recording.sights.push({ part, text: key, from: now, to: null });
					}
				}
				for (const sight of recording.sights) {
					if (sight.to === null && !seen.has(`${sight.part} ${sight.text}`)) sight.to = now;
				}
			};
			look();
			new MutationObserver(look).observe(root, {
				subtree: true,
				childList: true,
				characterData: true,
				attributes: true,
			});
		}, parts);
		return new Recorder(page);
	}

	async sights(part: string): Promise<readonly Sight[]> {
		const all = await this.#page.evaluate(
			() => (globalThis as unknown as { hubbubRecording: Recording }).hubbubRecording.sights,
		);
		return all.filter((sight) => sight.part === part);
	}
}

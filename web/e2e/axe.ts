/** What a machine can find of what keeps people out. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";

const SOURCE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What it found on the page as it stands, each with where and why. Empty when all is well. */
export async function barriers(page: Page): Promise<readonly string[]> {
	await settled(page);
	// As from the developer's tools: no page's policy forbids that.
	await page.evaluate(SOURCE);
	const { violations } = await page.evaluate(async () => {
		const { axe } = globalThis as unknown as { axe: { run(options: object): Promise<AxeResults> } };
		return await axe.run({ resultTypes: ["violations"] });
	});
	return violations.flatMap(({ id, impact, nodes }) =>
		nodes.map(({ target, failureSummary }) => `${impact} ${id} at ${target.join(" ")}: ${failureSummary}`),
	);
}

/** Colours are measured when nothing fades any more. */
async function settled(page: Page): Promise<void> {
	await page.evaluate(async () => {
		const roots = [document, document.querySelector("hubbub-chat")?.shadowRoot ?? document];
		const moving = roots
			.flatMap((root) => root.getAnimations())
			.filter(({ effect }) => effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY);
		await Promise.allSettled(moving.map(({ finished }) => finished));
	});
}

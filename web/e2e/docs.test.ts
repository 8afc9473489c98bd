import { expect } from "vitest";
import { barriers } from "./axe.js";
import { DESKTOP, PHONE } from "./browser.js";
import { test } from "./world.js";

/** For who looks at them: HUBBUB_SHOTS=/some/folder npm run e2e -- docs */
const SHOTS = process.env.HUBBUB_SHOTS;

for (const [look, options] of [
	["light", { ...DESKTOP, colorScheme: "light" }],
	["dark", { ...DESKTOP, colorScheme: "dark" }],
	["light, on a phone", { ...PHONE, colorScheme: "light" }],
	["dark, on a phone", { ...PHONE, colorScheme: "dark" }],
	["high contrast", { ...DESKTOP, contrast: "more" }],
] as const) {
	test(`the page of the API shows every route and keeps nobody out (${look})`, async ({ world }) => {
		const server = await world.server();
		const { context } = await world.window(options);
		const page = await context.newPage();
		const seen = async (where: string): Promise<void> => {
			expect(await barriers(page), where).toEqual([]);
			const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
			expect(wide, `${where}: nothing stands out at the side`).toBeLessThanOrEqual(0);
			if (SHOTS) await page.screenshot({ path: `${SHOTS}/docs-${look}-${where}.png` });
		};

		await page.goto(`${server.url}/api/docs`);
		await page.getByRole("heading", { name: "Hubbub API" }).waitFor();
		await seen("top");
		await page.goto(`${server.url}/api/docs#startSession`);
		const start = page.locator("#startSession");
		await start.getByText("For anybody.").waitFor();
		await seen("a route");
		const answer = start.locator(".answers details").first();
		await answer.locator("summary").click();
		await answer.getByText("The customer's credential. Shown once.").waitFor();
		await start.getByText("curl").first().scrollIntoViewIfNeeded();
		await seen("its answers");
		await page.getByRole("searchbox", { name: "Find a route" }).fill("patch session");
		await page.getByRole("heading", { name: "Change what the team notes of a session" }).waitFor();
		await start.waitFor({ state: "detached" });
		await page.evaluate(() => scrollTo(0, 0));
		await seen("found");
	});
}

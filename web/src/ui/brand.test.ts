import { describe, expect, it } from "vitest";
import { brand, brandProperties, GROUNDS, parseHex } from "./brand.js";
import { contrast } from "./oklch.js";

/** Every 15th step of red, green and blue. */
const ALL = Array.from({ length: 18 * 18 * 18 }, (_, i) => {
	const channel = (at: number): string => (at * 15).toString(16).padStart(2, "0");
	return `#${channel(Math.floor(i / 324))}${channel(Math.floor(i / 18) % 18)}${channel(i % 18)}`;
});

describe("a site's colour", () => {
	it.each(Object.entries(GROUNDS))("can be read whatever it is: %s", (_, ground) => {
		expect(ALL).toHaveLength(5832);
		let [fill, hover, active, surface, sunken, soft] = Array<number>(6).fill(21) as [
			number,
			number,
			number,
			number,
			number,
			number,
		];
		for (const color of ALL) {
			const one = brand(color, ground);
			fill = Math.min(fill, contrast(one.on, one.fill));
			hover = Math.min(hover, contrast(one.on, one.hover));
			active = Math.min(active, contrast(one.on, one.active));
			surface = Math.min(surface, contrast(one.text, ground.surface));
			sunken = Math.min(sunken, contrast(one.text, ground.sunken));
			soft = Math.min(soft, contrast(one.text, one.soft));
		}
		for (const least of [fill, hover, active, surface, sunken, soft]) {
			expect(least).toBeGreaterThanOrEqual(ground.ratio);
		}
		if (ground === GROUNDS.light || ground === GROUNDS.dark) expect(hover).toBeGreaterThan(5);
	});

	it("can be seen on a dark ground", () => {
		for (const color of ALL) {
			expect(contrast(brand(color, GROUNDS.dark).fill, GROUNDS.dark.surface)).toBeGreaterThanOrEqual(1.7);
		}
	});

	it.each([
		["#1f6048", "#1f6048", "#ffffff", "#1f6048", "#1f6048", "#64a388"],
		["#e0752d", "#be5901", "#ffffff", "#ac5004", "#be5901", "#e2772f"],
		["#f2b705", "#f2b705", "#10191b", "#876501", "#f2b705", "#f2b705"],
		["#111111", "#111111", "#ffffff", "#111111", "#424242", "#969696"],
		["#ffffff", "#ffffff", "#10191b", "#6a6a6a", "#ffffff", "#ffffff"],
	])("becomes what the design says: %s", (color, fill, on, link, darkFill, darkLink) => {
		const light = brand(color, GROUNDS.light);
		const dark = brand(color, GROUNDS.dark);
		expect(light.on).toBe(on);
		for (const [got, wanted] of [
			[light.fill, fill],
			[light.text, link],
			[dark.fill, darkFill],
			[dark.text, darkLink],
		] as const) {
			// One step of lightness moves a channel by up to 6.
			expect(distance(got, wanted), `${got} for ${wanted}`).toBeLessThanOrEqual(6);
		}
	});

	it("gets an edge only where it would vanish", () => {
		expect(brand("#ffffff", GROUNDS.light).edge).toBe(true);
		expect(brand("#ffffff", GROUNDS.dark).edge).toBe(false);
		expect(brand("#f2b705", GROUNDS.light).edge).toBe(false);
		const properties = brandProperties("#ffffff", false);
		expect(properties.get("--edge-light")).toBe("var(--line-strong)");
		expect(properties.get("--edge-dark")).toBe("transparent");
	});

	it("is written as #rgb or #rrggbb", () => {
		expect(parseHex(" #1F6048 ")).toBe("#1f6048");
		expect(parseHex("#abc")).toBe("#aabbcc");
		for (const wrong of ["", "red", "#12", "#1f60481", "1f6048", "#1f6048; color: red"]) {
			expect(parseHex(wrong)).toBe(null);
		}
	});
});

/** The largest difference of a channel. */
function distance(one: string, other: string): number {
	const parts = (hex: string): number[] => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
	const b = parts(other);
	return Math.max(...parts(one).map((part, i) => Math.abs(part - (b[i] ?? 0))));
}

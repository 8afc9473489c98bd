/** From a site's one colour to what is painted with it, readable whatever the colour is. */
import { contrast, type Oklch, toHex, toOklch } from "./oklch.js";

export interface Brand {
	/** Launcher, own words, main button. */
	readonly fill: string;
	/** Text on `fill`, `hover` and `active`. */
	readonly on: string;
	readonly hover: string;
	readonly active: string;
	/** A tint for grounds. */
	readonly soft: string;
	/** Links, rings and ticks on surface, sunken and soft. */
	readonly text: string;
	/** `fill` is so near to the ground that it needs an edge. */
	readonly edge: boolean;
}

interface Ground {
	readonly dark: boolean;
	readonly surface: string;
	readonly sunken: string;
	/** The ratio that text needs. */
	readonly ratio: number;
}

/** The grounds of tokens.css on which a brand's colours stand. */
export const GROUNDS = {
	light: { dark: false, surface: "#fafcfc", sunken: "#e7edee", ratio: 4.5 },
	dark: { dark: true, surface: "#161c1d", sunken: "#283233", ratio: 4.5 },
	lightContrast: { dark: false, surface: "#ffffff", sunken: "#f0f2f2", ratio: 7 },
	darkContrast: { dark: true, surface: "#000000", sunken: "#181e20", ratio: 7 },
} as const satisfies Record<string, Ground>;

const WHITE = "#ffffff";
const INK = "#10191b";
const STEP = 0.005;
/** Less, and a dark brand vanishes on a dark ground. */
const VISIBLE = 1.7;
/** From here on white can be had by deepening the colour a little; below, the colour would be another. */
const NEARLY_WHITE = 2.6;
const NEEDS_EDGE = 1.3;

/** `#rgb` or `#rrggbb`, in any case; null for anything else. */
export function parseHex(text: string): string | null {
	const hex = text.trim().toLowerCase();
	if (/^#[0-9a-f]{6}$/.test(hex)) return hex;
	return /^#[0-9a-f]{3}$/.test(hex) ? hex.replace(/[0-9a-f]/g, "$&$&") : null;
}

export function brand(color: string, ground: Ground): Brand {
	const visible = ground.dark ? shift(color, STEP, (hex) => contrast(hex, ground.surface) >= VISIBLE) : color;
	const { fill, on } = fillFor(visible, ground);
	const away = on === WHITE ? -1 : 1;
	const { c, ...tone } = toOklch(color);
	const soft = toHex(
		ground.dark ? { ...tone, l: 0.3, c: Math.min(c, 0.05) } : { ...tone, l: 0.955, c: Math.min(c, 0.028) },
	);
	const grounds = [ground.surface, ground.sunken, soft];
	return {
		fill,
		on,
		hover: moved(fill, away * 0.04),
		active: moved(fill, away * 0.08),
		soft,
		text: shift(color, ground.dark ? STEP : -STEP, (hex) =>
			grounds.every((behind) => contrast(hex, behind) >= ground.ratio),
		),
		edge: contrast(fill, ground.surface) < NEEDS_EDGE,
	};
}

function fillFor(color: string, ground: Ground): { fill: string; on: string } {
	const white = contrast(WHITE, color);
	if (white >= ground.ratio) return { fill: color, on: WHITE };
	if (white >= NEARLY_WHITE) {
		const deeper = shift(color, -STEP, (hex) => contrast(WHITE, hex) >= ground.ratio);
		if (!ground.dark || contrast(deeper, ground.surface) >= VISIBLE) return { fill: deeper, on: WHITE };
	}
	return { fill: shift(color, STEP, (hex) => contrast(INK, hex) >= ground.ratio), on: INK };
}

function moved(hex: string, by: number): string {
	const color = toOklch(hex);
	return toHex({ ...color, l: color.l + by });
}

/** Steps lightness until the test holds, or there is no more of it. */
function shift(hex: string, step: number, holds: (hex: string) => boolean): string {
	if (holds(hex)) return hex;
	const start: Oklch = toOklch(hex);
	for (let l = start.l + step; l > 0 && l < 1; l += step) {
		const next = toHex({ ...start, l });
		if (holds(next)) return next;
	}
	return step < 0 ? "#000000" : WHITE;
}

/** The custom properties from which brand.css makes a site's colours, by name. */
export function brandProperties(color: string, highContrast: boolean): ReadonlyMap<string, string> {
	const themes = {
		light: brand(color, highContrast ? GROUNDS.lightContrast : GROUNDS.light),
		dark: brand(color, highContrast ? GROUNDS.darkContrast : GROUNDS.dark),
	};
	return new Map(
		Object.entries(themes).flatMap(([theme, { fill, on, hover, active, soft, text, edge }]) => [
			[`--fill-${theme}`, fill],
			[`--on-${theme}`, on],
			[`--hover-${theme}`, hover],
			[`--active-${theme}`, active],
			[`--soft-${theme}`, soft],
			[`--text-${theme}`, text],
			[`--edge-${theme}`, edge ? "var(--line-strong)" : "transparent"],
		]),
	);
}

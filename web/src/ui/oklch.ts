/** Colours by lightness, chroma and hue as the eye sees them (OKLCH), in and out of `#rrggbb`. */

export interface Oklch {
	/** Lightness, 0 to 1. */
	readonly l: number;
	/** Chroma: 0 is grey. */
	readonly c: number;
	/** Hue, as the direction in the plane of colour. */
	readonly a: number;
	readonly b: number;
}

type Rgb = readonly [number, number, number];

function channels(hex: string): Rgb {
	const value = Number.parseInt(hex.slice(1), 16);
	return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

function linear(channel: number): number {
	const part = channel / 255;
	return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
}

function encoded(part: number): number {
	const value = part <= 0.0031308 ? part * 12.92 : 1.055 * part ** (1 / 2.4) - 0.055;
	return Math.round(value * 255);
}

/** Relative luminance as WCAG defines it. */
function luminance(hex: string): number {
	const [r, g, b] = channels(hex);
	return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
}

/** WCAG contrast ratio, 1 to 21. */
export function contrast(one: string, other: string): number {
	const a = luminance(one) + 0.05;
	const b = luminance(other) + 0.05;
	return a > b ? a / b : b / a;
}

export function toOklch(hex: string): Oklch {
	const [r, g, b] = channels(hex).map(linear) as unknown as Rgb;
	const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
	const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
	const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
	const x = 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s;
	const y = 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s;
	const c = Math.hypot(x, y);
	return {
		l: 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
		c,
		a: c < 1e-6 ? 0 : x / c,
		b: c < 1e-6 ? 0 : y / c,
	};
}

function toLinear({ l, c, a, b }: Oklch): Rgb {
	const x = a * c;
	const y = b * c;
	const p = (l + 0.3963377774 * x + 0.2158037573 * y) ** 3;
	const q = (l - 0.1055613458 * x - 0.0638541728 * y) ** 3;
	const r = (l - 0.0894841775 * x - 1.291485548 * y) ** 3;
	return [
		4.0767416621 * p - 3.3077115913 * q + 0.2309699292 * r,
		-1.2684380046 * p + 2.6097574011 * q - 0.3413193965 * r,
		-0.0041960863 * p - 0.7034186147 * q + 1.707614701 * r,
	];
}

const ROUNDING = 1e-4;
const fits = (color: Oklch): boolean =>
	toLinear(color).every((part) => part > -ROUNDING && part < 1 + ROUNDING);

/** The colour, with its chroma lowered only as far as sRGB demands. */
export function toHex(color: Oklch): string {
	const l = Math.min(1, Math.max(0, color.l));
	let c = color.c;
	if (!fits({ ...color, l, c })) {
		let low = 0;
		for (let step = 0; step < 20; step++) {
			const middle = (low + c) / 2;
			if (fits({ ...color, l, c: middle })) low = middle;
			else c = middle;
		}
		c = low;
	}
	const rgb = toLinear({ ...color, l, c }).map((part) => encoded(Math.min(1, Math.max(0, part))));
	return `#${rgb.map((channel) => channel.toString(16).padStart(2, "0")).join("")}`;
}

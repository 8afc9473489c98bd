/** QR codes (ISO/IEC 18004) of texts up to 331 bytes: bytes, level M (15 % may be lost), versions 1 to 13. */

/** Square, row by row; true is dark. */
export type Modules = readonly (readonly boolean[])[];

/** Of each version at level M, from 1: words of correction in a block, and the words of data in each block. */
const BLOCKS: readonly (readonly [correction: number, ...data: number[]])[] = [
	[10, 16],
	[16, 28],
	[26, 44],
	[18, 32, 32],
	[24, 43, 43],
	[16, 27, 27, 27, 27],
	[18, 31, 31, 31, 31],
	[22, 38, 38, 39, 39],
	[22, 36, 36, 36, 37, 37],
	[26, 43, 43, 43, 43, 44],
	[30, 50, 51, 51, 51, 51],
	[22, 36, 36, 36, 36, 36, 36, 37, 37],
	[22, 37, 37, 37, 37, 37, 37, 37, 37, 38],
];

/** The code of a text; null where it is too long for one. */
export function qrCode(text: string): Modules | null {
	const bytes = [...new TextEncoder().encode(text)];
	const version = BLOCKS.findIndex((_, at) => bytes.length + (at < 9 ? 2 : 3) <= room(at + 1)) + 1;
	if (version === 0) return null;
	const words = interleaved(data(bytes, version), version);
	const all = MASKS.map((mask, number) => drawn(words, version, mask, number));
	const penalties = all.map(penalty);
	return all[penalties.indexOf(Math.min(...penalties))] ?? null;
}

const blocksOf = (version: number) => BLOCKS[version - 1] ?? [0];
const room = (version: number): number =>
	blocksOf(version)
		.slice(1)
		.reduce((sum, words) => sum + words, 0);

/** The bytes behind their kind and number, filled up. */
function data(bytes: readonly number[], version: number): number[] {
	const bits: number[] = [];
	const put = (value: number, length: number) => {
		for (let bit = length - 1; bit >= 0; bit -= 1) bits.push((value >> bit) & 1);
	};
	put(4, 4);
	put(bytes.length, version < 10 ? 8 : 16);
	for (const byte of bytes) put(byte, 8);
	put(0, 4);
	const words: number[] = [];
	for (let at = 0; at + 8 <= bits.length; at += 8) {
		words.push(bits.slice(at, at + 8).reduce((word, bit) => word * 2 + bit, 0));
	}
	for (let fill = 0; words.length < room(version); fill += 1) words.push(fill % 2 === 0 ? 0xec : 0x11);
	return words;
}

/** The words of all blocks in turn, then those of their corrections. */
function interleaved(words: readonly number[], version: number): number[] {
	const [length, ...sizes] = blocksOf(version);
	const generator = generatorOf(length);
	let from = 0;
	const blocks = sizes.map((size) => {
		from += size;
		return words.slice(from - size, from);
	});
	const corrections = blocks.map((block) => remainder(block, generator));
	const inTurn = (all: readonly (readonly number[])[]) =>
		Array.from({ length: Math.max(...all.map((one) => one.length)) }, (_, at) =>
			all.flatMap((one) => one.slice(at, at + 1)),
		).flat();
	return [...inTurn(blocks), ...inTurn(corrections)];
}

/** In the field of 256 elements over x⁸ + x⁴ + x³ + x² + 1. */
function times(a: number, b: number): number {
	let product = 0;
	for (let bit = 7; bit >= 0; bit -= 1) {
		product = (product << 1) ^ ((product >> 7) * 0x11d);
		product ^= ((b >> bit) & 1) * a;
	}
	return product;
}

/** Without its first coefficient, which is 1. */
function generatorOf(degree: number): number[] {
	let all = [1];
	let root = 1;
	for (let i = 0; i < degree; i += 1) {
		all = [...all, 0].map((coefficient, at) => coefficient ^ times(all[at - 1] ?? 0, root));
		root = times(root, 2);
	}
	return all.slice(1);
}

function remainder(words: readonly number[], generator: readonly number[]): number[] {
	let rest = generator.map(() => 0);
	for (const word of words) {
		const factor = word ^ (rest[0] ?? 0);
		rest = generator.map((coefficient, at) => (rest[at + 1] ?? 0) ^ times(coefficient, factor));
	}
	return rest;
}

const MASKS: readonly ((x: number, y: number) => boolean)[] = [
	(x, y) => (x + y) % 2 === 0,
	(_, y) => y % 2 === 0,
	(x) => x % 3 === 0,
	(x, y) => (x + y) % 3 === 0,
	(x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
	(x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
	(x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
	(x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];

function drawn(
	words: readonly number[],
	version: number,
	mask: (x: number, y: number) => boolean,
	number: number,
): boolean[][] {
	const size = 17 + 4 * version;
	const grid: (boolean | undefined)[][] = Array.from({ length: size }, () => Array(size).fill(undefined));
	const set = (x: number, y: number, dark: boolean) => {
		const row = grid[y];
		if (row && x >= 0 && x < size) row[x] = dark;
	};
	patterns(version, size, set);
	formats(size, number, set);
	const bits = words.flatMap((word) => [7, 6, 5, 4, 3, 2, 1, 0].map((bit) => ((word >> bit) & 1) === 1));
	let next = 0;
	// Two columns at a time, upwards and downwards in turn, past the column of the timing.
	for (let right = size - 1, turn = 0; right > 0; right -= right === 8 ? 3 : 2, turn += 1) {
		for (let step = 0; step < size; step += 1) {
			const y = turn % 2 === 0 ? size - 1 - step : step;
			for (const x of [right, right - 1]) {
				if (grid[y]?.[x] !== undefined) continue;
				set(x, y, (bits[next] ?? false) !== mask(x, y));
				next += 1;
			}
		}
	}
	return grid.map((row) => row.map((dark) => dark === true));
}

type Set = (x: number, y: number, dark: boolean) => void;

/** What every code of this version has: timing, finders, alignment, its number. */
function patterns(version: number, size: number, set: Set): void {
	for (let at = 0; at < size; at += 1) {
		set(6, at, at % 2 === 0);
		set(at, 6, at % 2 === 0);
	}
	const centres = alignments(version, size);
	for (const [i, y] of centres.entries()) {
		for (const [j, x] of centres.entries()) {
			const last = centres.length - 1;
			const corner = (i === 0 && (j === 0 || j === last)) || (i === last && j === 0);
			if (!corner) square(x, y, 2, set);
		}
	}
	for (const [x, y] of [
		[3, 3],
		[size - 4, 3],
		[3, size - 4],
	] as const) {
		square(x, y, 4, set);
	}
	if (version < 7) return;
	const bits = (version << 12) | checked(version, 0x1f25, 12);
	for (let bit = 0; bit < 18; bit += 1) {
		const [a, b] = [size - 11 + (bit % 3), Math.floor(bit / 3)];
		set(a, b, ((bits >> bit) & 1) === 1);
		set(b, a, ((bits >> bit) & 1) === 1);
	}
}

/** Rings around a centre: dark, light, dark; the fourth is the light edge of a finder. */
function square(x: number, y: number, reach: number, set: Set): void {
	for (let dy = -reach; dy <= reach; dy += 1) {
		for (let dx = -reach; dx <= reach; dx += 1) {
			const ring = Math.max(Math.abs(dx), Math.abs(dy));
			const dark = reach === 2 ? ring !== 1 : ring !== 2 && ring !== 4;
			if (y + dy >= 0) set(x + dx, y + dy, dark);
		}
	}
}

function alignments(version: number, size: number): number[] {
	if (version === 1) return [];
	const count = Math.floor(version / 7) + 2;
	const step = Math.ceil((size - 13) / (2 * count - 2)) * 2;
	return [6, ...Array.from({ length: count - 1 }, (_, at) => size - 7 - (count - 2 - at) * step)];
}

/** Level M and the mask's number, twice. */
function formats(size: number, mask: number, set: Set): void {
	const bits = ((mask << 10) | checked(mask, 0x537, 10)) ^ 0x5412;
	const dark = (bit: number) => ((bits >> bit) & 1) === 1;
	for (let bit = 0; bit < 15; bit += 1) {
		const near = bit < 6 ? bit : bit < 8 ? bit + 1 : bit === 8 ? 7 : 14 - bit;
		if (bit < 8) set(8, near, dark(bit));
		else set(near, 8, dark(bit));
		if (bit < 8) set(size - 1 - bit, 8, dark(bit));
		else set(8, size - 15 + bit, dark(bit));
	}
	set(8, size - 8, true);
}

/** What a number's check bits are, by this polynomial of this degree. */
function checked(value: number, polynomial: number, degree: number): number {
	let rest = value;
	for (let i = 0; i < degree; i += 1) rest = (rest << 1) ^ ((rest >> (degree - 1)) * polynomial);
	return rest;
}

/** How hard a code is to read, by the rules of the standard. */
function penalty(grid: readonly (readonly boolean[])[]): number {
	const size = grid.length;
	const columns = grid.map((_, x) => grid.map((row) => row[x] ?? false));
	let sum = 0;
	for (const line of [...grid, ...columns]) {
		const text = line.map((dark) => (dark ? "1" : "0")).join("");
		for (const [run] of text.matchAll(/0{5,}|1{5,}/g)) sum += run.length - 2;
		for (const like of ["10111010000", "00001011101"]) {
			for (let at = text.indexOf(like); at >= 0; at = text.indexOf(like, at + 1)) sum += 40;
		}
	}
	for (let y = 0; y + 1 < size; y += 1) {
		for (let x = 0; x + 1 < size; x += 1) {
			const [row = [], below = []] = [grid[y], grid[y + 1]];
			if (row[x] === row[x + 1] && row[x] === below[x] && row[x] === below[x + 1]) sum += 3;
		}
	}
	const share = grid.flat().filter(Boolean).length / size ** 2;
	return sum + Math.floor(Math.abs(share - 0.5) * 20) * 10;
}

import { expect, it } from "vitest";
import { qrCode } from "./qr-code.js";

const shown = (text: string) =>
	(qrCode(text) ?? []).map((row) => row.map((dark) => (dark ? "#" : ".")).join(""));

async function hash(text: string): Promise<string> {
	const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
	return [...bytes.slice(0, 8)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

it("draws what another encoder draws", () => {
	expect(shown("hubbub")).toEqual([
		"#######.##..#.#######",
		"#.....#.###...#.....#",
		"#.###.#.##..#.#.###.#",
		"#.###.#..#..#.#.###.#",
		"#.###.#.##..#.#.###.#",
		"#.....#....##.#.....#",
		"#######.#.#.#.#######",
		"..........###........",
		"#..######...##..#.###",
		"#.#.#....##.#.#.####.",
		".#....#..#...##.#.###",
		".###.......#......#..",
		"##.#####..#...#..#.#.",
		"........#..##.....##.",
		"#######.#.#.#####....",
		"#.....#.#.####...##..",
		"#.###.#.##.##.##.#.##",
		"#.###.#.#..##....##..",
		"#.###.#..#....#.##.##",
		"#.....#..#...###.####",
		"#######.##.#....##...",
	]);
});

it.each([
	[60, "269b6b4c6befa575"],
	[120, "3249d5ae0859d945"],
	[180, "092ea36419e970f7"],
	[331, "0aa20515785ca020"],
])("of %i bytes, too", async (length, digest) => {
	const text = "otpauth://totp/Hubbub:ana%40team.example?secret=".repeat(7).slice(0, length);
	expect(await hash(shown(text).join("\n"))).toBe(digest);
});

it("has a limit", () => {
	expect(qrCode("x".repeat(332))).toBeNull();
});

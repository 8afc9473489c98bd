import { describe, expect, it } from "vitest";
import { backLabel, clock } from "./times.js";

describe("when the shop is back", () => {
	const now = new Date(2026, 10, 20, 18, 0).getTime();
	const at = (month: number, day: number, year = 2026): number => new Date(year, month, day, 9, 0).getTime();
	const nine = clock(at(10, 23));

	it.each([
		[new Date(2026, 10, 20, 23, 59).getTime(), `Back at ${clock(new Date(2026, 10, 20, 23, 59).getTime())}`],
		[new Date(2026, 10, 21, 0, 0).getTime(), `Back tomorrow at ${clock(at(0, 1) - 9 * 3_600_000)}`],
		[at(10, 21), `Back tomorrow at ${nine}`],
		[at(10, 22), `Back on Sunday at ${nine}`],
		[at(10, 26), `Back on Thursday at ${nine}`],
	])("is told by the day (%#)", (opens, label) => expect(backLabel(opens, now)).toBe(label));

	it("names the date of a day that is far, and the year of another", () => {
		// Which comes first, day or month, is the visitor's choice.
		expect(backLabel(at(10, 27), now)).toMatch(/^Back on (27 November|November 27) at /);
		expect(backLabel(at(0, 4, 2027), now)).toMatch(/^Back on (4 January 2027|January 4, 2027) at /);
	});

	it("is not yesterday where a clock is slow", () => {
		expect(backLabel(now - 60_000, now)).toBe(`Back at ${clock(now - 60_000)}`);
	});
});

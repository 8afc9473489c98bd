import { describe, expect, it } from "vitest";
import { ago, clock, coming, dayLabel, fixed } from "./times.js";

const now = new Date(2026, 10, 20, 14, 36).getTime();
const at = (...parts: [number, number, number, number?, number?]) =>
	new Date(parts[0], parts[1], parts[2], parts[3] ?? 12, parts[4] ?? 0).toISOString();

describe("dayLabel", () => {
	it("names near days by word and far ones by date", () => {
		expect(dayLabel(at(2026, 10, 20, 0, 1), now)).toBe("Today");
		expect(dayLabel(at(2026, 10, 19, 23, 59), now)).toBe("Yesterday");
		expect(dayLabel(at(2026, 10, 16), now)).toBe("Monday");
		expect(dayLabel(at(2026, 10, 13), now)).toMatch(/13/);
		expect(dayLabel(at(2026, 10, 13), now)).not.toMatch(/2026/);
		expect(dayLabel(at(2025, 10, 20), now)).toMatch(/2025/);
	});
});

describe("ago", () => {
	it("is as coarse as the span is long", () => {
		expect(ago(now - 20_000, now)).toBe("now");
		expect(ago(now + 5_000, now)).toBe("now");
		expect(ago(now - 12 * 60_000, now)).toMatch(/^12 min/);
		expect(ago(now - 2.5 * 3_600_000, now)).toMatch(/^2 h/);
		expect(ago(now - 26 * 3_600_000, now)).toBe("Yesterday");
	});
});

describe("coming", () => {
	it("names near days by word and far ones by date", () => {
		expect(coming(at(2026, 10, 20, 18), now)).toBe(clock(at(2026, 10, 20, 18)));
		expect(coming(at(2026, 10, 21, 9), now)).toBe(`tomorrow, ${clock(at(2026, 10, 21, 9))}`);
		expect(coming(at(2026, 10, 23, 9), now)).toBe(`Monday, ${clock(at(2026, 10, 23, 9))}`);
		expect(coming(at(2026, 10, 27, 9), now)).toMatch(/27/);
		expect(coming(at(2027, 10, 27, 9), now)).toMatch(/2027/);
	});
});

describe("fixed", () => {
	it("does not depend on when it is read", () => {
		expect(fixed(at(2026, 10, 20, 18), at(2026, 10, 20, 14))).toBe(clock(at(2026, 10, 20, 18)));
		expect(fixed(at(2026, 10, 21, 9), at(2026, 10, 20, 14))).toMatch(/21.*, /);
	});
});

import { describe, expect, it } from "vitest";
import type { OpeningHours } from "../../../protocol/types.js";
import { endMeant, endShown, type HoursForm, hoursForm, missing, nextSpan, wireHours } from "./hours-form.js";
import { colorWords } from "./look.js";
import { askOf, withAsk } from "./prechat.js";
import { keyFrom } from "./sites-page.js";

const span = (from: string, to: string) => ({ from, to });

describe("opening hours", () => {
	const hours: OpeningHours = {
		time_zone: "Europe/Berlin",
		week: { mon: [span("09:00", "12:00"), span("13:00", "18:00")], sun: [span("00:00", "24:00")] },
		holidays: [
			{ date: "2026-12-25", name: "Christmas" },
			{ date: "2026-12-24", spans: [span("09:00", "12:00")] },
		],
	};

	it("come back as they were", () => {
		expect(wireHours(hoursForm(hours, "Etc/UTC"))).toEqual(hours);
		const always: OpeningHours = {
			time_zone: "Asia/Tokyo",
			always: true,
			holidays: [{ date: "2027-01-01" }],
		};
		expect(wireHours(hoursForm(always, "Etc/UTC"))).toEqual(always);
		expect(wireHours(hoursForm(null, "Etc/UTC"))).toBeNull();
	});

	it("begin with those of an office, in the zone of whoever sets them", () => {
		const form: HoursForm = { ...hoursForm(null, "Europe/Lisbon"), mode: "week" };
		expect(wireHours(form)).toEqual({
			time_zone: "Europe/Lisbon",
			week: Object.fromEntries(
				["mon", "tue", "wed", "thu", "fri"].map((day) => [day, [span("09:00", "17:00")]]),
			),
		});
	});

	it("that are always open lose their week, and keep their holidays", () => {
		const form: HoursForm = { ...hoursForm(hours, "Etc/UTC"), mode: "always" };
		expect(wireHours(form)).toEqual({ time_zone: "Europe/Berlin", always: true, holidays: hours.holidays });
		expect(wireHours({ ...form, holidays: [] })).toBeNull();
	});

	it("name what is missing as the server would", () => {
		const form = hoursForm(hours, "Etc/UTC");
		expect(missing(form)).toEqual([]);
		const holidays = [
			{ date: "", name: "", spans: [] },
			{ date: "2026-12-25", name: "", spans: [span("", "12:00")] },
			{ date: "2026-12-25", name: "", spans: [] },
		];
		const broken = { ...form, week: { ...form.week, mon: [span("09:00", "")] }, holidays };
		expect(missing(broken)).toEqual([
			{ field: "hours.week.mon[0].to", message: "is missing" },
			{ field: "hours.holidays[0].date", message: "is missing" },
			{ field: "hours.holidays[1].spans[0].from", message: "is missing" },
			{ field: "hours.holidays[2].date", message: "is in this list already" },
		]);
		expect(missing({ ...broken, mode: "always" }).map(({ field }) => field)).not.toContain(
			"hours.week.mon[0].to",
		);
	});

	it("offer more of a day while there is room", () => {
		expect(nextSpan([])).toEqual(span("09:00", "17:00"));
		expect(nextSpan([span("09:00", "12:30")])).toEqual(span("13:30", "17:30"));
		expect(nextSpan([span("09:00", "21:00")])).toEqual(span("22:00", "24:00"));
		expect(nextSpan([span("09:00", "23:00")])).toBeNull();
		expect(nextSpan([span("09:00", "")])).toBeNull();
		expect(nextSpan(Array(6).fill(span("00:00", "01:00")))).toBeNull();
	});

	it("end at midnight, which a field shows as the beginning of a day", () => {
		expect([
			endShown("24:00"),
			endShown("18:00"),
			endMeant("00:00"),
			endMeant("18:00"),
			endMeant(""),
		]).toEqual(["00:00", "18:00", "24:00", "18:00", ""]);
	});
});

describe("the form before the chat", () => {
	const fields = [
		{ name: "phone", required: true },
		{ name: "message", required: false },
	] as const;

	it("asks, asks for, or does not", () => {
		expect([askOf(fields, "phone"), askOf(fields, "message"), askOf(fields, "email")]).toEqual([
			"required",
			"optional",
			"no",
		]);
		expect(withAsk(fields, "phone", "no")).toEqual([{ name: "message", required: false }]);
		expect(withAsk(fields, "message", "required")[1]).toEqual({ name: "message", required: true });
	});

	it("takes what is new to its usual place", () => {
		expect(withAsk(fields, "email", "optional").map(({ name }) => name)).toEqual([
			"phone",
			"email",
			"message",
		]);
		expect(withAsk([], "message", "optional")).toEqual([{ name: "message", required: false }]);
	});
});

it.each([
	["Tern & Tide", "tern-tide"],
	["Bücher Ångström", "bucher-angstrom"],
	["  --  ", ""],
	["x".repeat(60), "x".repeat(50)],
])("a key from %s", (name, key) => {
	expect(keyFrom(name)).toBe(key);
});

it("says what becomes of a colour, and why", () => {
	expect(colorWords("#1f6048")).toMatch(/white text on it reads well \(7\.\d to 1\)\.$/);
	expect(colorWords("#e0752d")).toMatch(
		/^A little darker in use \(#be5900\), so that white text .* yours gives 3\.1\)\.$/,
	);
	expect(colorWords("#f2b705")).toMatch(/dark text on it reads well/);
});

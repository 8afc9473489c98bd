import { describe, expect, it } from "vitest";
import { AVATAR_COLOURS, avatarColour, initials } from "./initials.js";

describe("initials", () => {
	it.each([
		["Nguyễn Thị Phương Anh", "NA"],
		["Ana Kovačević", "AK"],
		["Zoë O’Brien", "ZO"],
		["Raúl Ibáñez Echeverría", "RE"],
		["Олена Шевчук", "ОШ"],
		["Tomás", "T"],
		["wale adewale-johansson", "WJ"],
		["يوسف المنصوري", "ي"],
		["王 小明", "王"],
		["+353 86 555 0142", ""],
		["  ", ""],
		[null, ""],
		["“Ana” (Kovač)", "AK"],
		["E\u0301lodie Durand", "E\u0301D"],
	])("of %s are %s", (name, letters) => {
		expect(initials(name)).toBe(letters);
	});
});

describe("avatarColour", () => {
	it("is stable and within the pairs", () => {
		expect(avatarColour("0193")).toBe(avatarColour("0193"));
		const seen = new Set(Array.from({ length: 200 }, (_, at) => avatarColour(`contact-${at}`)));
		expect([...seen].sort()).toEqual(Array.from({ length: AVATAR_COLOURS }, (_, at) => at + 1));
	});
});

import { describe, expect, it } from "vitest";
import { COUNTRIES, checkPhone, countryOf, likelyCountry, splitInternational } from "./countries.js";

describe("a telephone number", () => {
	it.each([
		["GB", "07700 900 123", "+447700900123"],
		["GB", "7700900123", "+447700900123"],
		["DE", "(0151) 2345-678", "+491512345678"],
		["IT", "06 6982 1234", "+390669821234"],
		["VN", "0912 345 678", "+84912345678"],
		["US", "(415) 555-0132", "+14155550132"],
		["US", "+44 7700 900123", "+447700900123"],
		["FR", "0044 7700 900123", "+447700900123"],
		["CA", "+1 415 555 0132", "+14155550132"],
	])("of %s, written %s, is %s", (country, text, e164) => {
		expect(checkPhone(text, countryOf(country))).toEqual({ ok: true, e164 });
	});

	it.each([
		["GB", "", "empty"],
		["GB", "   ", "empty"],
		["GB", "7700 9001", "short"],
		["US", "555 0132", "short"],
		["US", "415 555 01322", "long"],
		["DE", "1234567890123456", "long"],
		["NU", "123", "short"],
		["GB", "call me", "odd"],
		["GB", "7700 900123 ext 4", "odd"],
	])("of %s, written %j, is %s", (country, text, problem) => {
		expect(checkPhone(text, countryOf(country))).toEqual({ ok: false, problem });
	});

	it("brings its country along when it is pasted whole", () => {
		const split = splitInternational("+351 912 345 678", countryOf("GB"));
		expect(split).toEqual({ country: { code: "PT", dial: "351" }, rest: "912345678" });
		expect(splitInternational("912 345 678", countryOf("GB"))).toBe(null);
		expect(splitInternational("+999", countryOf("GB"))).toBe(null);
	});

	it("stays in the chosen country where several share a code", () => {
		expect(splitInternational("+1 416 555 0132", countryOf("CA"))?.country.code).toBe("CA");
		expect(splitInternational("+1 416 555 0132", countryOf("GB"))?.country.code).toBe("US");
		expect(splitInternational("+7 701 555 0132", countryOf("KZ"))?.country.code).toBe("KZ");
	});
});

describe("the list of countries", () => {
	it("has each once, with a code", () => {
		expect(new Set(COUNTRIES.map(({ code }) => code)).size).toBe(COUNTRIES.length);
		for (const { code, dial } of COUNTRIES) expect(`${code} ${dial}`).toMatch(/^[A-Z]{2} [1-9]\d{0,2}$/);
		expect(COUNTRIES.length).toBeGreaterThan(230);
	});

	it("starts where the visitor most likely is", () => {
		expect(likelyCountry(["en", "pt-PT"]).code).toBe("PT");
		expect(likelyCountry(["vi"]).code).toBe("VN");
		expect(likelyCountry(["not a language", "de-AT"]).code).toBe("AT");
		expect(likelyCountry([]).code).toBe("US");
	});
});

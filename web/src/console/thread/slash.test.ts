import { describe, expect, it } from "vitest";
import { blankPieces, blanksIn, blanksWords, slashAt, spread, withAnswer, withSlash } from "./slash.js";

describe("slashAt", () => {
	it("begins at the start of a word only", () => {
		expect(slashAt("/", 1)).toEqual({ at: 0, typed: "" });
		expect(slashAt("Hello /größ_2", 13)).toEqual({ at: 6, typed: "größ_2" });
		expect(slashAt("a\n/re", 5)).toEqual({ at: 2, typed: "re" });
		for (const text of ["and/or", "https://x", "/a b", "", "//"])
			expect(slashAt(text, text.length)).toBeNull();
		expect(slashAt("/refund", 3)).toEqual({ at: 0, typed: "re" });
	});

	it("can be begun by a button", () => {
		expect(withSlash("", 0)).toEqual({ text: "/", caret: 1 });
		expect(withSlash("Hello", 5)).toEqual({ text: "Hello /", caret: 7 });
		expect(withSlash("Hello you", 6)).toEqual({ text: "Hello /you", caret: 7 });
	});
});

describe("withAnswer", () => {
	it("stands where the shortcut stood", () => {
		expect(withAnswer("a /re b", { at: 2, typed: "re" }, 5, "Hi")).toEqual({
			text: "a Hi b",
			start: 2,
			end: 4,
		});
	});

	it("stands at the caret if the shortcut is gone", () => {
		expect(withAnswer("abc", { at: 2, typed: "re" }, 1, "Hi")).toEqual({ text: "aHibc", start: 1, end: 3 });
	});
});

describe("blanks", () => {
	it("are counted in characters, whatever their code units", () => {
		const missing = [
			{ name: "a", blank: true, at: 2, length: 3 },
			{ name: "b", blank: true, at: 6, length: 3 },
		];
		expect(blankPieces({ body: "👋 [a] [b]", missing, attachments: [] })).toEqual([
			{ text: "👋 ", blank: false },
			{ text: "[a]", blank: true },
			{ text: " ", blank: false },
			{ text: "[b]", blank: true },
		]);
		expect(blankPieces({ body: "", missing: [], attachments: [] })).toEqual([]);
	});

	it("are found in their order, each as often as it stands there", () => {
		expect(blanksIn("[b] [a] [b]", ["[a]", "[b]", "[c]"])).toEqual([
			{ start: 0, end: 3 },
			{ start: 4, end: 7 },
			{ start: 8, end: 11 },
		]);
		expect([blanksWords(1), blanksWords(2)]).toEqual(["1 blank", "2 blanks"]);
	});

	it("are filled in once, however often they stand there", () => {
		const chosen = { blank: "[sum]", before: "You get ", after: " for [order], and [sum] more" };
		const around = (written: string) => spread(chosen.before + written + chosen.after, chosen);
		expect(around("$&5")).toEqual({ text: "You get $&5 for [order], and $&5 more", caret: 11 });
		for (const nothing of ["[sum]", "", " "]) expect(around(nothing)).toBeNull();
		expect(spread("You got 5 for [order], and [sum] more", chosen)).toBeNull();
		expect(spread("Hi 5", { blank: "[sum]", before: "Hi ", after: "" })).toBeNull();
		expect(spread("aa", { blank: "b", before: "aa", after: "a" })).toBeNull();
	});
});

import { describe, expect, it } from "vitest";
import { HttpError } from "../../../client/index.js";
import { durationOf, durationWords, secondsOf } from "./duration.js";
import { inForm, policyOf, promiseWords, scopeWords, valuesOf } from "./level-words.js";

describe("durations", () => {
	it.each([
		[null, "", "minutes"],
		[60, "1", "minutes"],
		[90, "1.5", "minutes"],
		[5_400, "90", "minutes"],
		[7_200, "2", "hours"],
		[259_200, "3", "days"],
	] as const)("%j seconds are written so", (seconds, amount, unit) => {
		expect(durationOf(seconds)).toEqual({ amount, unit });
		expect(secondsOf({ amount, unit }, "x")).toBe(seconds);
	});

	it("are refused where they are no number", () => {
		expect(secondsOf({ amount: " 1,5 ", unit: "hours" }, "x")).toBe(5_400);
		for (const amount of ["soon", "-1", "1e3", "1.234"]) {
			expect(() => secondsOf({ amount, unit: "days" }, "x")).toThrow(HttpError);
		}
	});

	it("are said in words", () => {
		expect([60, 300, 86_400].map(durationWords)).toEqual(["1 minute", "5 minutes", "1 day"]);
	});
});

describe("a service level", () => {
	const policy = {
		name: "VIP",
		when: { priorities: ["high", "urgent"] as ("high" | "urgent")[], tags: ["vip"], sites: ["s1", "s2"] },
		targets: { first_response_s: 300, resolution_s: 86_400, business_hours: true },
		warn_before_s: 60,
		escalate: ["notify"] as "notify"[],
	};

	it("is the same after the form", () => {
		expect(policyOf(valuesOf(policy))).toEqual(policy);
		expect(policyOf({ ...valuesOf(null), name: "All" })).toEqual({
			name: "All",
			when: { priorities: [], tags: [], sites: [] },
			targets: { business_hours: false },
			warn_before_s: 0,
			escalate: [],
		});
	});

	it("says what it promises, and to whom", () => {
		expect(promiseWords(policy)).toBe("First answer in 5 minutes, resolved in 1 day, in opening hours");
		const sites = [{ id: "s1", name: "Shop" }] as unknown as Parameters<typeof scopeWords>[1];
		expect(scopeWords(policy, sites)).toBe("High and Urgent, tagged vip, on Shop or a site that is no more");
		expect(scopeWords({ ...policy, when: {} }, [])).toBe("All chats");
	});

	it("takes the server's faults to its own fields", () => {
		const errors = [
			{ field: "sla[2].name", message: "a" },
			{ field: "sla[2].targets.resolution_s", message: "b" },
			{ field: "sla[2].targets", message: "c" },
			{ field: "sla[2].when.tags[1]", message: "d" },
			{ field: "sla[1].name", message: "e" },
		];
		const mapped = inForm(new HttpError(422, "invalid", "No.", errors), 2).errors.map(({ field }) => field);
		expect(mapped).toEqual(["name", "resolution_s", "first_response_s", "tags", "sla[1].name"]);
	});
});

import { describe, expect, it } from "vitest";
import { NO_NAMES } from "../../automation/action-words.js";
import {
	asked,
	dayOf,
	endOf,
	filterWords,
	fitWords,
	searchedFilter,
	startOf,
	withFields,
} from "./view-form.js";

describe("the filter of a view", () => {
	it("is always in one order, and says nothing that does not matter", () => {
		const filter = withFields({ tag: "vip", status: ["open"] }, { assignee: "me", snoozed: false });
		expect(JSON.stringify(filter)).toBe('{"status":["open"],"assignee":"me","tag":"vip","snoozed":false}');
		expect(withFields(filter, { tag: "", status: [], assignee: undefined, snoozed: undefined })).toEqual({});
		expect(asked({ tag: " vip ", category: "  " })).toEqual({ tag: "vip" });
	});

	it("is taken from a search", () => {
		expect(searchedFilter("assignee=me&status=open,in_progress")).toEqual({
			status: ["open", "in_progress"],
			assignee: "me",
		});
		expect(searchedFilter("")).toEqual({});
	});

	it("takes whole days, by the reader's calendar", () => {
		const [from, to] = [startOf("2026-11-03"), endOf("2026-11-03")];
		expect(Date.parse(to) - Date.parse(from)).toBe(24 * 3_600_000 - 1);
		expect([from, to].map(dayOf)).toEqual(["2026-11-03", "2026-11-03"]);
		expect(new Date(from).getHours()).toBe(0);
		expect(withFields({ from, to }, { from: startOf(""), to: endOf("20266-11-03") })).toEqual({});
	});

	it("is told in words", () => {
		const names = { ...NO_NAMES, sites: new Map([["demo", "Demo shop"]]) };
		expect(filterWords({}, names)).toBe("All chats");
		expect(
			filterWords(
				{
					status: ["open", "in_progress"],
					assignee: "none",
					tag: "vip",
					site: "demo",
					team: "x",
					sort: "waiting",
				},
				names,
			),
		).toBe(
			"Open or in progress; held by nobody; tagged “vip”; for a team that is gone; from Demo shop; waiting for an answer, longest first",
		);
		const times = { from: startOf("2026-11-03"), to: endOf("2026-11-21") };
		expect(filterWords(times, names)).toMatch(/^Gone on since .*\b3\b.*; begun until .*\b21\b/);
		expect([0, 1, 12].map(fitWords)).toEqual(["No chat fits now.", "1 chat fits now.", "12 chats fit now."]);
	});
});

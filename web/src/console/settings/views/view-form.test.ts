import { describe, expect, it } from "vitest";
import { NO_NAMES } from "../../automation/action-words.js";
import { asked, filterWords, fitWords, searchedFilter, withFields } from "./view-form.js";

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
		expect([0, 1, 12].map(fitWords)).toEqual(["No chat fits now.", "1 chat fits now.", "12 chats fit now."]);
	});
});

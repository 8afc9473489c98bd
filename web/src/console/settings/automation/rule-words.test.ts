import { describe, expect, it } from "vitest";
import { HttpError } from "../../../client/index.js";
import type { Condition, Rule, RuleAction, Trigger } from "../../../protocol/types.js";
import { actionWords, type Names } from "../../automation/action-words.js";
import { EXAMPLES } from "./examples.js";
import { moved, rowsOf, withRow } from "./rows.js";
import { actionsOf, bodyOf, refusalSentence, ruleValues } from "./rule-form.js";
import { conditionWords, FIELD_WORDS, TESTS, testWords, whenWords } from "./rule-words.js";

const names: Names = {
	agents: new Map([["bo", "Bo"]]),
	teams: new Map([["t", "Returns"]]),
	skills: new Map([["s", "Repairs"]]),
	sites: new Map([["demo", "Tern & Tide"]]),
};

it.each<[RuleAction, string]>([
	[{ type: "tags", add: ["damage", "porto"], remove: ["new"] }, "tag damage and porto, remove the tag new"],
	[{ type: "priority", priority: "urgent" }, "set priority to urgent"],
	[{ type: "category", category: null }, "remove the category"],
	[{ type: "attribute", name: "order", value: "12" }, "set order to “12”"],
	[{ type: "assign", agent_id: "bo" }, "assign to Bo"],
	[{ type: "assign", agent_id: "zoe" }, "assign to somebody who is gone"],
	[{ type: "assign", agent_id: null }, "put back in line"],
	[{ type: "assign_me" }, "assign to whoever runs it"],
	[{ type: "team", team_id: "t" }, "set for the team Returns"],
	[{ type: "skills", skills: [{ skill: "s", level: 2 }] }, "ask for Repairs"],
	[{ type: "status", status: "resolved" }, "resolve"],
	[{ type: "snooze", minutes: 120 }, "put aside for 2 hours"],
	[{ type: "note", body: "Ask\nfor a picture" }, "note “Ask for a picture”"],
	[{ type: "message", body: "x".repeat(80) }, `write “${"x".repeat(59)}…”`],
	[{ type: "moon_landing" } as unknown as RuleAction, "moon landing"],
])("the action %j", (action, words) => {
	expect(actionWords(action, names)).toBe(words);
});

it.each<[Condition, string]>([
	[
		{ field: "message", test: "contains", values: ["broken", "kaputt"] },
		"the message contains “broken” or “kaputt”",
	],
	[
		{ field: "page", test: "starts_with", values: ["https://x"] },
		"the page’s address begins with “https://x”",
	],
	[{ field: "verified", test: "is", values: ["yes"] }, "the customer is verified"],
	[{ field: "verified", test: "is_not", values: ["yes"] }, "the customer is not verified"],
	[{ field: "hours", test: "is", values: ["closed"] }, "the shop is closed"],
	[{ field: "hours", test: "is_not", values: ["closed"] }, "the shop is open"],
	[{ field: "language", test: "is", values: ["pt"] }, "the language is Portuguese"],
	[{ field: "site", test: "is", values: ["demo", "old"] }, "the site is Tern & Tide or old"],
	[{ field: "tag", test: "is_not", values: ["vip"] }, "it is not tagged vip"],
	[{ field: "tag", test: "is_set" }, "it has tags"],
	[{ field: "agent", test: "is", values: ["bo"] }, "it is with Bo"],
	[{ field: "agent", test: "is_not_set" }, "nobody has it"],
	[{ field: "team", test: "is", values: ["t"] }, "it is for the team Returns"],
	[{ field: "attribute", name: "order", test: "is_set" }, "order is known"],
	[{ field: "rating", test: "at_most", values: ["2"] }, "the rating is 2 or less"],
	[{ field: "status", test: "is", values: ["in_progress"] }, "the status is in progress"],
])("the condition %j", (condition, words) => {
	expect(conditionWords(condition, names)).toBe(words);
});

describe("a rule in a sentence", () => {
	const contains: Condition = { field: "message", test: "contains", values: ["broken"] };

	it("says when, and on which chats", () => {
		expect(whenWords({ on: ["customer_message"], all: [contains], actions: [] }, names)).toBe(
			"When the customer writes and the message contains “broken”",
		);
		expect(whenWords({ on: ["started"], actions: [] }, names)).toBe("When a chat begins");
	});

	it("tells several causes from several conditions", () => {
		const any: Condition[] = [
			{ field: "hours", test: "is", values: ["closed"] },
			{ field: "tag", test: "is", values: ["vip"] },
		];
		const on: Trigger[] = ["started", "customer_message"];
		expect(whenWords({ on, all: [contains], any, actions: [] }, names)).toBe(
			"When a chat begins or the customer writes, and the message contains “broken”, and either the shop is closed, or it is tagged vip",
		);
	});

	it("has words for every test that a field can have", () => {
		for (const field of Object.keys(FIELD_WORDS) as Condition["field"][]) {
			expect(TESTS[field].length).toBeGreaterThan(0);
			for (const test of TESTS[field]) expect(testWords(field, test)).toBeTruthy();
		}
		for (const example of Object.values(EXAMPLES)) expect(whenWords(example, names)).toMatch(/^When .+/);
	});
});

describe("the form of a rule", () => {
	it("gives back what it was made of", () => {
		const rule = { name: "Low", enabled: false, ...EXAMPLES["low-rating"] } as Rule;
		const { on, all, any, actions } = rule;
		expect(ruleValues(rule).enabled).toBe("off");
		expect(bodyOf(ruleValues(rule))).toEqual({ on, all, any, actions });
	});

	it("says where somebody is still to be chosen", () => {
		const rows = withRow(rowsOf<RuleAction>([{ type: "assign_me" }]), { type: "assign", agent_id: "" });
		expect(() => actionsOf(rows)).toThrow(HttpError);
		try {
			actionsOf(rows);
		} catch (error) {
			expect(refusalSentence(error as HttpError)).toBe("“Do this”, number 2: is still to be chosen.");
		}
	});

	it("keeps rows apart while they move", () => {
		const rows = withRow(rowsOf(["a", "b"]), "c");
		expect(rows.map(({ key }) => key)).toEqual([0, 1, 2]);
		expect(moved(["a", "b", "c"], 2, -1)).toEqual(["a", "c", "b"]);
		expect(moved(["a", "b", "c"], 0, 1)).toEqual(["b", "a", "c"]);
		const all = ["a"];
		expect(moved(all, 0, 1)).toBe(all);
	});
});

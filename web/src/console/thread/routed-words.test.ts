import { describe, expect, it } from "vitest";
import type { Because, Routed, SkipReason } from "../../protocol/types.js";
import { routedWords, skippedWords } from "./routed-words.js";

const tess = { id: "tess", name: "Tess" };
const routed = (over: Partial<Routed> = {}): Routed => ({
	mode: "automatic",
	considered: 3,
	skipped: [],
	skipped_more: 0,
	...over,
});
const chosen = (because: Because) =>
	routed({ chosen: { agent: tess, because, load: { active: 1, max: 5 } } });

describe("why a chat went to whom", () => {
	it("names who was chosen, and why", () => {
		expect(routedWords(chosen("least_loaded"), "ana")).toBe("Chosen for Tess: least to do");
		expect(routedWords(chosen("returning_customer"), "tess")).toBe("Chosen for you: knows the customer");
		expect(routedWords(chosen("by_the_stars" as Because), "ana")).toBe("Chosen for Tess");
	});

	it("says why it came back, and that nobody could take it", () => {
		const skipped = [{ agent: tess, reason: { type: "not_online", status: "offline" } }] as const;
		const back = routed({ mode: "returned", skipped: [...skipped] });
		expect(routedWords(back, "ana")).toBe("Back in line: Tess was offline");
		expect(routedWords(back, "tess")).toBe("Back in line: you were offline");
		expect(routedWords(routed(), "ana")).toBe("Nobody could take it");
	});

	const skill = { id: "k", name: "Returns" };
	it.each<[SkipReason, string, string]>([
		[{ type: "disabled" }, "Tess was shut out", "you were shut out"],
		[{ type: "not_online", status: "away" }, "Tess was away", "you were away"],
		[{ type: "not_in_team" }, "Tess is not in the team", "you are not in the team"],
		[{ type: "missing_skill", skill, level: 3 }, "Tess does not have Returns", "you do not have Returns"],
		[
			{ type: "missing_skill", skill, level: 3, has: 2 },
			"Tess has Returns at 2, not at 3",
			"you have Returns at 2, not at 3",
		],
		[
			{ type: "language" },
			"Tess does not speak the customer's language",
			"you do not speak the customer's language",
		],
		[{ type: "declined" }, "Tess declined", "you declined"],
		[{ type: "unanswered" }, "Tess did not answer", "you did not answer"],
		[{ type: "at_maximum", active: 5, max: 5 }, "Tess had 5 of 5 chats", "you had 5 of 5 chats"],
		[{ type: "asleep" } as unknown as SkipReason, "Tess was skipped", "you were skipped"],
	])("%j", (reason, ofTess, ofMe) => {
		expect(skippedWords({ agent: tess, reason }, "ana")).toBe(ofTess);
		expect(skippedWords({ agent: tess, reason }, "tess")).toBe(ofMe);
	});
});

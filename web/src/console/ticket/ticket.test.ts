import { describe, expect, it, vi } from "vitest";
import { HttpError } from "../../client/index.js";
import type { Agent } from "../../protocol/types.js";
import { fakeClient } from "../fake-client.js";
import { summary } from "../fixtures.js";
import { asideTimes, chosenTime, fieldTime } from "./aside-times.js";
import { attributesTrouble, detailsOf, patchOf, refusalWords, suggestedTags, withTyped } from "./changes.js";
import { found, loadColleagues } from "./colleagues.js";

describe("patchOf", () => {
	const before = detailsOf(
		summary({ subject: "Seam", category: "Damaged", tags: ["a", "b"], priority: "low" }),
	);

	it("asks for nothing where nothing changed", () => {
		expect(patchOf(before, { ...before, subject: " Seam " }, before)).toBeNull();
	});

	it("asks only for what I changed, and strikes out what I emptied", () => {
		const wanted = { ...before, subject: "  ", category: "Repair", priority: "urgent" } as const;
		expect(patchOf(before, wanted, before)).toEqual({
			subject: null,
			category: "Repair",
			priority: "urgent",
		});
	});

	it("leaves the tags that a colleague gave meanwhile", () => {
		const now = { ...before, tags: ["b", "c"] };
		expect(patchOf(before, { ...before, tags: ["b", "d"] }, now)).toEqual({ tags: ["b", "c", "d"] });
	});
});

describe("attributes", () => {
	const before = detailsOf(summary({ attributes: { order: "12", colour: "red" } }));
	const with_ = (...pairs: [string, string][]) => ({
		...before,
		attributes: pairs.map(([name, value], key) => ({ key, name, value })),
	});

	it("asks for those that came, changed, went or got another name", () => {
		expect(patchOf(before, with_(["order", " 12 "], ["colour", "red"], ["", ""]), before)).toBeNull();
		expect(patchOf(before, with_(["order", "13"], ["Colour", "red"], ["size", "L"]), before)).toEqual({
			attributes: { order: "13", Colour: "red", size: "L", colour: null },
		});
		expect(patchOf(before, with_(["order", ""], ["colour", "red"]), before)).toEqual({
			attributes: { order: null },
		});
	});

	it("says what stands against them", () => {
		expect(attributesTrouble(before.attributes)).toBeNull();
		expect(attributesTrouble(with_(["", "12"]).attributes)).toBe("“12” needs a name.");
		expect(attributesTrouble(with_(["a", "1"], ["a ", "2"]).attributes)).toBe(
			"There are two details called “a”.",
		);
	});
});

describe("withTyped", () => {
	it("takes one or several, tidied and once", () => {
		expect(withTyped(["a"], " Big  Seam, a ,b")).toEqual({ tags: ["a", "big seam", "b"] });
		expect(withTyped(["a"], " , ")).toEqual({ tags: ["a"] });
	});

	it("names the limit that stands against it, and changes nothing", () => {
		expect(withTyped(["a"], "x".repeat(41))).toEqual({
			tags: ["a"],
			error: "A tag has at most 40 characters.",
		});
		const full = Array.from({ length: 20 }, (_, at) => `t${at}`);
		expect(withTyped(full, "t3").error).toBeUndefined();
		expect(withTyped(full, "more")).toEqual({ tags: full, error: "20 tags is the limit. Remove one first." });
	});
});

describe("suggestedTags", () => {
	it("offers what other chats have, the most used first, each chat counted once", () => {
		const chats = [
			summary({ id: "a", tags: ["seam", "porto"] }),
			summary({ id: "a", tags: ["seam", "porto"] }),
			summary({ id: "b", tags: ["refund", "porto"] }),
			summary({ id: "c" }),
		];
		expect(suggestedTags(chats, [], "")).toEqual(["porto", "refund", "seam"]);
		expect(suggestedTags(chats, ["porto"], "E")).toEqual(["refund", "seam"]);
	});
});

describe("refusalWords", () => {
	it("names the field and the limit, else says what to do", () => {
		const invalid = [{ field: "tags", message: "must be at most 20" }];
		expect(refusalWords(new HttpError(422, "invalid", "Mend it.", invalid))).toBe(
			"The tags must be at most 20.",
		);
		expect(refusalWords(new HttpError(403, "forbidden", "Only a supervisor can."))).toBe(
			"Only a supervisor can.",
		);
		expect(refusalWords(new HttpError(0, null, "The server did not answer."))).toMatch(/Try again\.$/);
		expect(refusalWords(new HttpError(503, "overloaded", "Try again."))).toMatch(/is kept\.$/);
	});
});

describe("asideTimes", () => {
	const at = (day: number, hour: number) => new Date(2026, 10, day, hour).getTime();

	it("offers an hour, tomorrow and Monday in the morning", () => {
		// The 20th is a Friday.
		expect(asideTimes(at(20, 14)).map((time) => time.at)).toEqual([at(20, 15), at(21, 9), at(23, 9)]);
	});

	it("means the next Monday on a Monday, and no second tomorrow on a Sunday", () => {
		expect(asideTimes(at(23, 8)).map((time) => time.at)).toEqual([at(23, 9), at(24, 9), at(30, 9)]);
		expect(asideTimes(at(22, 8)).map((time) => time.at)).toEqual([at(22, 9), at(23, 9)]);
	});
});

describe("chosenTime", () => {
	const now = new Date(2026, 10, 20, 14, 30).getTime();

	it("reads what the field says, by the reader's clock", () => {
		expect(chosenTime("2026-11-20T18:05", now)).toEqual({ at: new Date(2026, 10, 20, 18, 5).getTime() });
		expect(fieldTime(new Date(2026, 0, 2, 3, 4).getTime())).toBe("2026-01-02T03:04");
	});

	it("says what is wrong with it", () => {
		expect(chosenTime("", now)).toHaveProperty("error", "Choose a day and an hour.");
		expect(chosenTime("2026-11-20T14:30", now)).toHaveProperty("error", "Choose a time to come.");
		expect(chosenTime("2027-11-21T14:30", now)).toHaveProperty("error", "Choose a time within a year.");
	});
});

describe("colleagues", () => {
	const agent = (id: string, over: Partial<Agent> = {}) => ({
		id,
		name: id,
		role: "agent",
		disabled: false,
		...over,
	});

	it("are all pages of those who can be given a chat, by name", async () => {
		const fake = fakeClient();
		fake.answers["GET /agents"] = [{ items: [agent("Tomás"), agent("me")], next_cursor: "x y", total: 4 }];
		fake.answers["GET /agents?cursor=x%20y"] = [
			{ items: [agent("Mia"), agent("Zoë", { disabled: true })], next_cursor: null, total: 4 },
		];
		const loaded = await loadColleagues(fake.client, ["me"], vi.fn());
		if (loaded.state !== "known") throw new Error(loaded.state);
		expect(loaded.all.map(({ name }) => name)).toEqual(["Mia", "Tomás"]);
		expect(found(loaded.all, " tomas ").map(({ name }) => name)).toEqual(["Tomás"]);
	});

	it("may be hidden from us, or not come", async () => {
		const fake = fakeClient();
		const onError = vi.fn();
		fake.answers["GET /agents"] = [
			new HttpError(403, "forbidden", "Not for you."),
			new HttpError(0, null, "The server did not answer."),
		];
		expect(await loadColleagues(fake.client, [], onError)).toEqual({ state: "refused" });
		expect(await loadColleagues(fake.client, [], onError)).toMatchObject({ state: "failed" });
		expect(onError).toHaveBeenCalledTimes(2);
	});
});

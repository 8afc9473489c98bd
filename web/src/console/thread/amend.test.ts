import { describe, expect, it } from "vitest";
import type { Entry, You } from "../../protocol/types.js";
import { ANA, CUSTOMER, makeEvent, makeMessage, makeSummary } from "../../testing/make.js";
import { amendsOf, lastEditable } from "./amend.js";
import { named, namingAt, pieces, stillNamed, whoFits } from "./mentions.js";

const ana: You = { kind: "agent", id: ANA.id, name: ANA.name, role: "agent" };
const boss: You = { kind: "agent", id: "boss", name: "Boss", role: "supervisor" };
const said = makeMessage(2, "hello");
const at = Date.parse(said.created_at);
const open = makeSummary("a");

describe("what is offered of an entry", () => {
	it.each<[string, Entry, You, number, string]>([
		["my own", said, ana, at, "edit remove"],
		["my own, long ago", said, ana, at + 16 * 60_000, ""],
		["a colleague's", said, { ...ana, id: "x" }, at, ""],
		["a colleague's, to who leads", said, boss, at + 1e9, "remove"],
		["the customer's, to who leads", makeMessage(1, "hi", CUSTOMER), boss, at, "remove"],
		["an event", makeEvent(3, { type: "unsnoozed" }), boss, at, ""],
		["what was changed", { ...said, edited_at: said.created_at }, ana, at, "edit remove history"],
		["what is gone", { ...said, deleted_at: said.created_at }, boss, at, "history"],
	])("%s", (_, entry, me, now, expected) => {
		const offered = amendsOf(entry, open, me, now);
		expect(
			Object.keys(offered)
				.filter((name) => offered[name as keyof typeof offered])
				.join(" "),
		).toBe(expected);
		expect(amendsOf(entry, { ...open, status: "closed" }, me, now)).toMatchObject({
			edit: false,
			remove: false,
		});
	});

	it("the last that I said", () => {
		const log = [said, makeMessage(3, "later"), makeMessage(4, "theirs", CUSTOMER)];
		expect(lastEditable(log, open, ana, at)?.body).toBe("later");
		expect(lastEditable(log, open, boss, at)).toBeNull();
	});
});

describe("naming colleagues", () => {
	const bo = { id: "bo", name: "Bo", role: "agent" } as const;
	const all = [bo, { ...bo, id: "tess", name: "Tess Müller" }];

	it("begins with @, and ends with the word", () => {
		expect(namingAt("ask @te", 7)).toEqual({ at: 4, typed: "te" });
		expect(namingAt("@", 1)).toEqual({ at: 0, typed: "" });
		expect(namingAt("mail bo@shop", 12)).toBeNull();
		expect(namingAt("ask @te now", 11)).toBeNull();
	});

	it("finds, and writes the whole name", () => {
		const naming = { at: 4, typed: "mul" };
		expect(whoFits(all, naming).map(({ id }) => id)).toEqual(["tess"]);
		expect(named("ask @mul now", naming, "Tess Müller")).toEqual({ text: "ask @Tess Müller now", caret: 17 });
		const chosen = new Map([
			["tess", "Tess Müller"],
			["bo", "Bo"],
		]);
		expect(stillNamed("ask @Tess Müller", chosen)).toEqual(["tess"]);
	});

	it("shows them", () => {
		expect(pieces("ask @Bo, or @Bob", ["Bo"])).toEqual([
			{ text: "ask ", name: false },
			{ text: "@Bo", name: true },
			{ text: ", or ", name: false },
			{ text: "@Bo", name: true },
			{ text: "b", name: false },
		]);
		expect(pieces("a.b", [])).toEqual([{ text: "a.b", name: false }]);
	});
});

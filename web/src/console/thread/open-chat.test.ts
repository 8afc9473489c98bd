import { describe, expect, it, vi } from "vitest";
import { HttpError } from "../../client/index.js";
import type { You } from "../../protocol/types.js";
import { createDrafts } from "../drafts.js";
import { fakeClient } from "../fake-client.js";
import { entry, summary } from "../fixtures.js";
import { openChat } from "./open-chat.js";

const me: You = { kind: "agent", id: "ana", name: "Ana", role: "agent" };
const byTomas = { sender: { kind: "agent", id: "tomas", name: "Tomás" } } as const;
const byAna = { sender: { kind: "agent", id: "ana", name: "Ana" } } as const;

function setUp() {
	const fake = fakeClient();
	const drafts = createDrafts("ana", null);
	const onContinued = vi.fn();
	const onError = vi.fn();
	const chat = openChat({ client: fake.client, id: "s1", me, drafts, onContinued, onError, now: () => 77 });
	return { fake, drafts, chat, onContinued, onError };
}

describe("an open chat", () => {
	it("sets the new mark once, when the first page comes", () => {
		const { fake, chat } = setUp();
		expect(chat.mark.value).toBeNull();
		const read = { customer: 0, team: 1 };
		fake.show("s1", { summary: summary({ read }), entries: [entry(1), entry(2), entry(3)] });
		expect(chat.mark.value).toEqual({ seq: 2, count: 2 });
		fake.show("s1", {
			summary: summary({ read: { customer: 0, team: 3 } }),
			entries: [entry(2), entry(3), entry(4)],
		});
		expect(chat.mark.value).toEqual({ seq: 2, count: 2 });
	});

	it("keeps the draft, sends it trimmed, and empties the field", () => {
		const { fake, drafts, chat } = setUp();
		chat.write("  Hello  ");
		expect(drafts.get("s1")).toBe("  Hello  ");
		expect(fake.session("s1").typing).toEqual([true]);
		chat.send();
		expect(fake.session("s1").sent).toEqual(["Hello"]);
		expect(chat.draft.value).toBe("");
		expect(drafts.get("s1")).toBe("");
		expect(fake.session("s1").typing).toEqual([true, false]);
		chat.send();
		expect(fake.session("s1").sent).toHaveLength(1);
	});

	it("says who answered meanwhile, only while something is being written", () => {
		const { fake, chat } = setUp();
		const one = summary();
		fake.show("s1", { summary: one, entries: [entry(1), entry(2, byTomas)] });
		fake.show("s1", { entries: [entry(1), entry(2, byTomas), entry(3, byTomas)] });
		expect(chat.answered.value).toBeNull();
		chat.write("I was about to");
		fake.show("s1", { entries: [entry(3, byTomas), entry(4, byAna), entry(5)] });
		expect(chat.answered.value).toBeNull();
		fake.show("s1", { entries: [entry(5), entry(6, byTomas)] });
		expect(chat.answered.value).toBe("Tomás");
		expect(chat.draft.value).toBe("I was about to");
		chat.write("");
		expect(chat.answered.value).toBeNull();
	});

	it("asks before it sends what a colleague has answered meanwhile, and says what it knew", () => {
		const { fake, chat } = setUp();
		fake.show("s1", { summary: summary(), entries: [entry(1)] });
		chat.write("I was about to");
		fake.show("s1", { entries: [entry(1), entry(2, byTomas)] });
		chat.send();
		expect(fake.session("s1").sent).toEqual([]);
		expect(chat.question.value).toBe("Tomás");
		chat.keepEditing();
		expect([chat.question.value, chat.draft.value]).toEqual([null, "I was about to"]);
		chat.send();
		expect(fake.session("s1").sent).toEqual(["I was about to"]);
		expect(fake.session("s1").options).toEqual([{ after: 2 }]);

		chat.write("And");
		fake.show("s1", { entries: [entry(3, byTomas)] });
		chat.send();
		chat.sendAnyway();
		expect(fake.session("s1").options.at(-1)).toEqual({ after: 3 });
	});

	it("keeps a note and a reply apart, and names who still stands in the note", () => {
		const { fake, chat } = setUp();
		fake.show("s1", { summary: summary(), entries: [entry(1)] });
		chat.write("Dear customer");
		chat.setNoting(true);
		expect(chat.draft.value).toBe("");
		chat.mention({ id: "bo", name: "Bo" });
		chat.mention({ id: "cleo", name: "Cleo" });
		chat.write("@Bo, look");
		chat.send();
		expect(fake.session("s1").options).toEqual([{ note: true, mentions: ["bo"] }]);
		chat.setNoting(false);
		expect(chat.draft.value).toBe("Dear customer");
		expect(fake.session("s1").typing.filter(Boolean)).toHaveLength(1);
	});

	it("changes what was said, and keeps what was being written", async () => {
		const { fake, chat } = setUp();
		const said = entry(1, byAna);
		fake.show("s1", { summary: summary(), entries: [said] });
		chat.write("A draft");
		chat.edit(said);
		expect(chat.draft.value).toBe(said.body);
		chat.write("Otherwise");
		fake.answers[`PATCH /sessions/s1/entries/${said.id}`] = [new HttpError(409, "too_late", "Too late.")];
		chat.send();
		await Promise.resolve();
		await vi.waitFor(() => expect(chat.trouble.value).toBe("Too late."));
		expect(chat.editing.value).toBe(said);
		chat.edit(null);
		expect(chat.draft.value).toBe("A draft");
	});

	it("knows when the customer read only if it saw it", () => {
		const { fake, chat } = setUp();
		fake.show("s1", { summary: summary({ read: { customer: 1, team: 0 } }), entries: [entry(1, byAna)] });
		expect(chat.readSeen.value).toBeNull();
		fake.show("s1", {
			entries: [entry(1, byAna), entry(2, byAna)],
			receipts: [{ who: { kind: "customer", id: "c" }, seq: 2, delivered: 2 }],
		});
		expect(chat.readSeen.value).toEqual({ seq: 2, at: 77 });
	});

	it("follows its own message into the new chat, and nobody else's", () => {
		const { fake, chat, onContinued } = setUp();
		fake.show("s1", { summary: summary({ status: "closed" }), entries: [entry(1)] });
		fake.show("s1", { continuedBy: "s2" });
		expect(onContinued).not.toHaveBeenCalled();
		chat.write("Once more");
		chat.send();
		fake.show("s1", { continuedBy: "s2", more: true });
		expect(onContinued).toHaveBeenCalledWith("s2");
	});

	it("says who took the chat first", async () => {
		const { fake, chat, onError } = setUp();
		fake.answers["POST /sessions/s1/claim"] = [new HttpError(409, "already_claimed", "Taken.")];
		fake.answers["GET /sessions/s1"] = [summary({ assignee: { id: "tomas", name: "Tomás" } })];
		expect(await chat.take()).toBe(false);
		expect(chat.trouble.value).toBe("Tomás took this chat just before you.");
		expect(onError).toHaveBeenCalled();
		expect(chat.busy.value).toBeNull();
	});

	it("falls back to the server's words, and does one thing at a time", async () => {
		const { fake, chat } = setUp();
		fake.answers["POST /sessions/s1/claim"] = [new HttpError(409, "already_claimed", "Taken.")];
		const first = chat.take();
		expect(chat.busy.value).toBe("take");
		expect(await chat.setStatus("resolved")).toBe(false);
		expect(await first).toBe(false);
		expect(chat.trouble.value).toBe("Taken.");
		fake.answers["PATCH /sessions/s1"] = [summary({ status: "resolved" })];
		expect(await chat.setStatus("resolved")).toBe(true);
		expect(chat.trouble.value).toBeNull();
	});

	it("gives a refusal to whoever asks for it, and says that of an assignment itself", async () => {
		const { fake, chat } = setUp();
		const refusal = new HttpError(403, "forbidden", "Only a supervisor can take a chat from a colleague.");
		fake.answers["POST /sessions/s1/assign"] = [refusal];
		fake.answers["PATCH /sessions/s1"] = [refusal, summary()];
		expect(await chat.assign(null)).toBe(false);
		expect(chat.trouble.value).toBe(refusal.message);
		expect(await chat.change({ priority: "high" })).toBe(refusal);
		expect(chat.trouble.value).toBeNull();
		const changing = chat.change({ priority: "high" });
		expect(chat.busy.value).toBe("change");
		expect((await chat.handOver("tess", ""))?.message).toMatch(/under way/);
		expect(await changing).toBeNull();
	});

	it("leaves its stream", () => {
		const { fake, chat } = setUp();
		chat.leave();
		expect(fake.session("s1").left).toBe(true);
	});
});

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HttpError } from "../../client/index.js";
import type { You } from "../../protocol/types.js";
import { createDrafts } from "../drafts.js";
import { fakeClient } from "../fake-client.js";
import { entry, summary } from "../fixtures.js";
import { createRouter, VIEWS } from "../router.js";
import { type Desk, openDesk } from "./desk.js";

const me: You = { kind: "agent", id: "ana", name: "Ana", role: "agent" };
const mine = { assignee: { id: "ana", name: "Ana" } };
const uuid = (digit: number) => `0193aaaa-0000-7000-8000-00000000000${digit}`;
const [S1, S2, U1, U2] = [uuid(1), uuid(2), uuid(3), uuid(4)] as const;
const said = (desk: Desk) => desk.announcer.said.value.map(({ text }) => text);

describe("the desk", () => {
	let fake: ReturnType<typeof fakeClient>;
	let desk: Desk;
	const onLost = vi.fn();

	beforeEach(() => {
		vi.useFakeTimers();
		onLost.mockClear();
		window.history.replaceState(null, "", `/console/sessions/${S1}`);
		fake = fakeClient();
		const drafts = createDrafts("ana", null);
		desk = openDesk({ client: fake.client, me, router: createRouter(window), drafts, onLost });
		// A desk asks for the views, the team, and for what it was told, when it opens.
		expect(fake.asked.splice(0)).toEqual([
			"GET /views",
			"GET /agents/workload",
			"GET /notifications?limit=30",
		]);
		fake.bodies.length = 0;
	});

	afterEach(() => {
		desk.close();
		vi.useRealTimers();
	});

	it("opens the chat of the address, and leaves it for another", () => {
		expect(desk.chat.value?.id).toBe(S1);
		const first = desk.chat.value;
		fake.show(S1, { summary: summary(), entries: [entry(1)] });
		expect(desk.chat.value).toBe(first);
		desk.router.go({ session: S2 });
		expect(desk.chat.value?.id).toBe(S2);
		expect(fake.session(S1).left).toBe(true);
		desk.router.go({ session: null });
		expect(desk.chat.value).toBeNull();
	});

	it("asks the server for nothing that cannot be a chat", () => {
		desk.router.go({ session: "nonsense" });
		expect(desk.chat.value).toBeNull();
		expect(desk.router.place.value.session).toBe("nonsense");
	});

	it("counts what I have not read", () => {
		fake.list("mine", [summary({ id: "a", unread: 2 }), summary({ id: "b", unread: 1 })]);
		expect(desk.unread.value).toBe(3);
	});

	it("takes the open chat where nobody has it, else the next in line, past those that are gone", async () => {
		fake.show(S1, { summary: summary({ status: "open" }) });
		fake.answers[`POST /sessions/${S1}/claim`] = [summary(mine)];
		await desk.take();
		expect(fake.asked).toEqual([`POST /sessions/${S1}/claim`]);

		fake.show(S1, { summary: summary({ ...mine, version: 2 }) });
		fake.list("unassigned", [summary({ id: U1 }), summary({ id: U2 })]);
		fake.answers[`POST /sessions/${U1}/claim`] = [new HttpError(409, "already_claimed", "Taken.")];
		fake.answers[`POST /sessions/${U2}/claim`] = [summary({ id: U2, ...mine })];
		await desk.take();
		expect(desk.router.place.value).toEqual({ view: "mine", session: U2, settings: null });

		fake.list("unassigned", []);
		fake.show(U2, { summary: summary({ id: U2, ...mine }) });
		await desk.take();
		expect(desk.toast.value?.text).toBe("Nobody is in line.");
	});

	it("shows what it has of a long list until more has come", () => {
		desk.router.go({ view: "all" });
		fake.list("all", [summary({ id: "a" })], 2);
		desk.showMore();
		expect(desk.lists.all.value.sessions).toHaveLength(1);
		fake.list("all", [summary({ id: "a" }), summary({ id: "b" })]);
		expect(desk.lists.all.value).toMatchObject({ sessions: [{ id: "a" }, { id: "b" }], more: false });
	});

	it("resolves with a way back", async () => {
		fake.show(S1, { summary: summary(mine) });
		fake.answers[`PATCH /sessions/${S1}`] = [summary({ status: "resolved" }), summary()];
		await desk.resolve();
		expect(desk.toast.value?.text).toBe("Chat resolved");
		desk.toast.value?.act?.run();
		expect(fake.asked).toEqual([`PATCH /sessions/${S1}`, `PATCH /sessions/${S1}`]);
	});

	it("says when the login is over, by whichever way it learns", async () => {
		fake.show(S1, { summary: summary(mine) });
		fake.answers[`PATCH /sessions/${S1}`] = [new HttpError(401, "unauthenticated", "Log in.")];
		await desk.resolve();
		expect(onLost).toHaveBeenCalledTimes(1);
		const stopped = { code: 4500, reason: "bad_credential" };
		fake.status.set({ state: "stopped", transport: null, since: 0, retryAt: null, stopped });
		expect(onLost).toHaveBeenCalledTimes(2);
	});

	it("tells of messages once: of the open chat by entry, of my others by summary, never of my own", () => {
		for (const view of VIEWS) fake.list(view, []);
		const last = (seq: number) => ({
			seq,
			sender: "customer" as const,
			preview: `Preview ${seq}`,
			created_at: "2026-11-20T12:00:00.000Z",
		});
		fake.tellSummary(summary({ id: S1, ...mine, last_message: last(1) }));
		fake.tellSummary(summary({ id: "b", status: "resolved", ...mine, last_message: last(1) }));
		fake.tellEntry(S1, entry(2, { body: "Hello" }));
		fake.tellEntry(S1, entry(3, { sender: { kind: "agent", id: "ana" } }));
		fake.tellSummary(summary({ id: S1, ...mine, last_message: last(2) }));
		fake.tellSummary(summary({ id: "b", ...mine, last_message: last(2) }));
		fake.tellSummary(summary({ id: "b", ...mine, last_message: last(2), unread: 1 }));
		vi.advanceTimersByTime(500);
		expect(said(desk)).toEqual(["Phương Anh: Hello", "Name b: Preview 2"]);
	});

	it("tells of new chats, and of a flood in one sentence", () => {
		fake.tellSummary(summary({ id: "old" }));
		vi.advanceTimersByTime(500);
		expect(said(desk)).toEqual([]);
		for (const view of VIEWS) fake.list(view, []);
		fake.tellSummary(summary({ id: "n1", status: "open" }));
		vi.advanceTimersByTime(500);
		expect(said(desk)).toEqual(["New chat from Name n1"]);
		for (const seq of [2, 3, 4, 5]) fake.tellEntry(S1, entry(seq));
		vi.advanceTimersByTime(500);
		expect(said(desk)).toContain("4 messages");
	});

	it("tells of a chat that came to me, and not of those that I had or took myself", async () => {
		fake.list("mine", [summary({ id: "had", ...mine })]);
		for (const view of VIEWS) if (view !== "mine") fake.list(view, []);
		fake.tellSummary(summary({ id: "had", ...mine, unread: 1 }));
		expect(desk.toast.value).toBeNull();
		fake.tellSummary(summary({ id: S2, ...mine }));
		expect(desk.toast.value?.text).toBe(`A chat came to you: Name ${S2}`);
		desk.toast.value?.act?.run();
		expect(desk.router.place.value).toEqual({ view: "mine", session: S2, settings: null });
		fake.tellSummary(summary({ id: S2, assignee: null, version: 2 }));

		desk.router.go({ session: null });
		desk.dismissToast(desk.toast.value?.id ?? 0);
		fake.list("unassigned", [summary({ id: U1 })]);
		fake.answers[`POST /sessions/${U1}/claim`] = [summary({ id: U1, ...mine })];
		const taking = desk.take();
		fake.tellSummary(summary({ id: U1, ...mine }));
		await taking;
		expect(desk.toast.value).toBeNull();
	});

	it("puts aside and back in line with a way back, and takes over", async () => {
		fake.show(S1, { summary: summary(mine) });
		const path = `/sessions/${S1}`;
		fake.answers[`PATCH ${path}`] = [summary(), summary(), summary()];
		fake.answers[`POST ${path}/assign`] = [summary(), summary()];
		fake.answers[`POST ${path}/claim`] = [summary(mine)];
		const until = Date.now() + 3_600_000;
		expect(await desk.putAside(until)).toBeNull();
		expect(desk.toast.value?.text).toMatch(/^Put aside until /);
		desk.toast.value?.act?.run();
		await vi.advanceTimersByTimeAsync(0);
		expect(await desk.putAside(null)).toBeNull();
		await desk.putBack();
		expect(desk.toast.value?.text).toBe("The chat is back in line");
		desk.toast.value?.act?.run();
		await vi.advanceTimersByTimeAsync(0);
		await desk.takeOver();
		expect(fake.asked.map((one, at) => [one, fake.bodies[at]])).toEqual([
			[`PATCH ${path}`, { snoozed_until: new Date(until).toISOString() }],
			[`PATCH ${path}`, { snoozed_until: null }],
			[`PATCH ${path}`, { snoozed_until: null }],
			[`POST ${path}/assign`, { agent_id: null }],
			[`POST ${path}/claim`, undefined],
			[`POST ${path}/assign`, { agent_id: "ana" }],
		]);
	});

	it("hands over, and goes back to the list where the chat is not ours to see any more", async () => {
		fake.show(S1, { summary: summary(mine) });
		const path = `POST /sessions/${S1}/transfer`;
		const tess = { id: "tess", name: "Tess", role: "agent" } as const;
		const refused = new HttpError(422, "invalid", "Mend it.", [{ field: "agent_id", message: "is nobody" }]);
		fake.answers[path] = [refused, summary()];
		expect(await desk.handOver(tess, " Knows Porto ")).toBe(refused);
		expect(desk.router.place.value.session).toBe(S1);
		expect(await desk.handOver(tess, " ")).toBeNull();
		expect(fake.bodies).toEqual([{ agent_id: "tess", note: "Knows Porto" }, { agent_id: "tess" }]);
		expect(desk.toast.value?.text).toBe("Handed over to Tess");
		expect(desk.router.place.value.session).toBeNull();
	});

	it("tells of a chat that comes back as of a new one, and once where the customer wrote", () => {
		for (const view of VIEWS) fake.list(view, []);
		const aside = { snoozed_until: "2026-11-21T09:00:00.000Z" };
		const wrote = {
			seq: 2,
			sender: "customer",
			preview: "Hello?",
			created_at: "2026-11-20T12:00:00.000Z",
		} as const;
		fake.tellSummary(summary({ id: "a", ...mine, ...aside }));
		fake.tellSummary(summary({ id: "b", status: "open", ...aside }));
		fake.tellSummary(summary({ id: "c", ...mine, ...aside }));
		fake.tellSummary(summary({ id: "d", assignee: { id: "tomas", name: "Tomás" }, ...aside }));
		vi.advanceTimersByTime(500);
		const before = said(desk);
		fake.tellSummary(summary({ id: "a", ...mine, snoozed_until: null }));
		fake.tellSummary(summary({ id: "b", status: "open", snoozed_until: null }));
		fake.tellSummary(summary({ id: "c", ...mine, snoozed_until: null, last_message: wrote }));
		fake.tellSummary(
			summary({
				id: "d",
				assignee: { id: "tomas", name: "Tomás" },
				snoozed_until: null,
				last_message: wrote,
			}),
		);
		vi.advanceTimersByTime(500);
		expect(said(desk).slice(before.length)).toEqual([
			"The chat with Name a is back",
			"The chat with Name b is back",
			"Name c: Hello?",
		]);
	});

	it("tells of an interruption only if it lasted, and of its end only then", () => {
		const off = { state: "reconnecting", transport: null, since: 0, retryAt: 5 } as const;
		const on = { state: "online", transport: "websocket", since: 0, retryAt: null } as const;
		fake.status.set(off);
		fake.status.set(on);
		expect(said(desk)).toEqual([]);
		fake.status.set(off);
		fake.away.set(true);
		fake.status.set({ ...off, retryAt: 9 });
		fake.status.set(on);
		fake.away.set(false);
		expect(said(desk)).toEqual(["Offline. Trying again.", "Back online"]);
	});

	it("tells of a message that could not be sent", () => {
		const item = { id: "x", body: "Hi", note: false, attachments: [], writtenAt: 0 };
		fake.show(S1, {
			summary: summary(),
			outbox: [
				{ ...item, status: { state: "failed", code: "forbidden", message: "Not yours.", retryable: false } },
			],
		});
		expect(said(desk)).toEqual(["Not sent: Not yours."]);
	});
});

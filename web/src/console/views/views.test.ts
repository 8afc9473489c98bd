import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HttpError } from "../../client/index.js";
import type { SavedView, You } from "../../protocol/types.js";
import { type Desk, openDesk } from "../desk/desk.js";
import { createDrafts } from "../drafts.js";
import { fakeClient } from "../fake-client.js";
import { summary } from "../fixtures.js";
import { createRouter } from "../router.js";
import { moveView } from "./view-head.js";
import { knownViews } from "./views.js";

const me: You = { kind: "agent", id: "ana", name: "Ana", role: "agent" };
const uuid = (digit: number) => `0193aaaa-0000-7000-8000-00000000000${digit}`;
const view = (digit: number, name: string, owner_id: string | null = "ana"): SavedView => ({
	id: uuid(digit),
	name,
	owner_id,
	filter: { tag: name.toLowerCase() },
	created_at: "2026-11-20T12:00:00.000Z",
	updated_at: "2026-11-20T12:00:00.000Z",
});
const [ALL, A, B] = [view(1, "Ours", null), view(2, "A"), view(3, "B")] as const;
const page = (...items: SavedView[]) => ({ items, next_cursor: null, total: items.length });

describe("saved views", () => {
	let fake: ReturnType<typeof fakeClient>;
	let desk: Desk;

	const open = async (path: string, ...items: SavedView[]) => {
		window.history.replaceState(null, "", path);
		fake = fakeClient();
		fake.answers["GET /views"] = [page(...items)];
		desk = openDesk({
			client: fake.client,
			me,
			router: createRouter(window),
			drafts: createDrafts("ana", null),
			onLost: () => {},
		});
		await vi.advanceTimersByTimeAsync(0);
		fake.asked.length = 0;
	};
	const names = () => knownViews(desk.views)?.map(({ name }) => name);
	const limits = (id: string) => fake.watching().flatMap((one) => (one.view === id ? [one.limit] : []));

	beforeEach(() => void vi.useFakeTimers());
	afterEach(() => {
		desk.close();
		expect(fake.watching()).toEqual([]);
		vi.useRealTimers();
	});

	it("are counted, and come and go as the server tells", async () => {
		await open("/console", ALL, A);
		expect(desk.views.totals.value.size).toBe(0);
		fake.list(A.id, [], 7);
		expect([...desk.views.totals.value]).toEqual([[A.id, 7]]);
		fake.answers["GET /views"] = [page(ALL, B)];
		fake.tellViews();
		await vi.advanceTimersByTimeAsync(0);
		expect(names()).toEqual(["Ours", "B"]);
		expect([limits(ALL.id), limits(A.id), limits(B.id)]).toEqual([[0], [], [0]]);
		expect(desk.views.totals.value.size).toBe(0);
	});

	it("are listed where one goes to them, as long as they are there", async () => {
		await open(`/console?view=${A.id}`, A);
		expect(desk.list.value).toMatchObject({ loading: true });
		expect(limits(A.id)).toEqual([0, 50]);
		fake.list(A.id, [summary({ id: "a" })]);
		expect(desk.list.value).toMatchObject({ sessions: [{ id: "a" }] });
		desk.router.go({ view: "mine" });
		expect(limits(A.id)).toEqual([0]);
		desk.router.go({ view: A.id });
		fake.answers["GET /views"] = [page()];
		fake.tellViews();
		await vi.advanceTimersByTimeAsync(0);
		expect(desk.list.value).toBeNull();
		expect(limits(A.id)).toEqual([]);
	});

	it("are moved among their kind, at once, and back if the server does not take it", async () => {
		await open("/console", ALL, A, B);
		fake.answers["PUT /views/order"] = [page(ALL, B, A), new HttpError(422, "invalid", "Not so.")];
		fake.answers["GET /views"] = [page(ALL, B, A)];
		const moving = moveView(desk, A, 1);
		expect(names()).toEqual(["Ours", "B", "A"]);
		await moving;
		expect(fake.bodies.at(-1)).toEqual({ shared: false, views: [B.id, A.id] });
		expect(desk.toast.value?.text).toBe("A is number 2 now");
		await moveView(desk, A, 1);
		await moveView(desk, ALL, -1);
		expect(fake.asked).toEqual(["PUT /views/order"]);
		await moveView(desk, A, -1);
		expect(desk.toast.value?.text).toBe("Nothing was changed. Not so.");
		expect(names()).toEqual(["Ours", "B", "A"]);
	});

	it("are asked for now and then where nobody tells of them", async () => {
		await open("/console");
		await vi.advanceTimersByTimeAsync(60_000);
		expect(fake.asked).not.toContain("GET /views");
		fake.status.set({ state: "online", transport: "long_poll", since: 0, retryAt: null });
		await vi.advanceTimersByTimeAsync(60_000);
		expect(fake.asked.filter((one) => one === "GET /views")).toHaveLength(3);
	});
});

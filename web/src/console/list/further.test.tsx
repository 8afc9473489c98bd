import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, describe, expect, it } from "vitest";
import { HttpError } from "../../client/index.js";
import type { SessionSummary } from "../../protocol/types.js";
import type { Desk } from "../desk/desk.js";
import { fakeClient } from "../fake-client.js";
import { summary } from "../fixtures.js";
import { type Further, useFurther } from "./further.js";

const VIEW = "0193aaaa-0000-7000-8000-000000000001";
const row = (at: number, over: Partial<SessionSummary> = {}) => summary({ id: `s${at}`, ...over });
const rows = (from: number, count: number) => Array.from({ length: count }, (_, at) => row(from + at));
const page = (items: SessionSummary[], next_cursor: string | null) => ({
	items,
	next_cursor,
	total: 202,
	total_is_exact: true,
});

describe("what stands behind the live part of a list", () => {
	afterEach(() => act(() => render(null, document.body)));

	function open() {
		const fake = fakeClient();
		let grown = 0;
		const desk = {
			client: fake.client,
			showMore: () => {
				grown += 1;
			},
		} as Partial<Desk> as Desk;
		let now: Further | null = null;
		const Page = ({ live, total }: { live: readonly SessionSummary[]; total: number }) => {
			const list = { view: VIEW, sessions: live, total, more: total > live.length };
			now = useFurther(desk, VIEW, { ...list, loading: false, refused: null });
			return null;
		};
		const draw = (live: readonly SessionSummary[], total = 202) =>
			act(() => render(<Page live={live} total={total} />, document.body));
		const get = () => now as unknown as Further;
		const ask = () =>
			act(async () => {
				get().ask();
				await new Promise((done) => setTimeout(done));
			});
		return { fake, draw, get, ask, grown: () => grown };
	}

	it("is live as long as that can be had", async () => {
		const { fake, draw, get, ask, grown } = open();
		draw(rows(0, 50));
		expect(get().more).toBe(true);
		await ask();
		expect([grown(), fake.asked]).toEqual([1, []]);
		draw(rows(0, 2), 2);
		expect(get().more).toBe(false);
	});

	it("comes in pages then, past what is shown, and keeps up with what is said", async () => {
		const { fake, draw, get, ask } = open();
		const path = `GET /sessions?view=${VIEW}&limit=200`;
		fake.answers[path] = [page(rows(0, 200), "next"), page(rows(0, 200), "next")];
		fake.answers[`${path}&cursor=next`] = [new HttpError(503, null, "Later."), page(rows(199, 3), null)];
		draw(rows(0, 200));
		await ask();
		expect(get()).toMatchObject({ failed: "Later.", more: true, busy: false, rows: [] });
		await ask();
		expect(get()).toMatchObject({ failed: null, more: false, rows: [{ id: "s200" }, { id: "s201" }] });
		act(() => fake.tellSummary(row(200, { version: 2, unread: 3 })));
		expect(get().rows[0]?.unread).toBe(3);
		// One of them has come among the first.
		draw([row(201), ...rows(0, 199)]);
		expect(get().rows.map(({ id }) => id)).toEqual(["s200"]);
	});
});

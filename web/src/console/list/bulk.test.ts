import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HttpError } from "../../client/index.js";
import type { Bulk } from "../../protocol/types.js";
import { createAnnouncer } from "../desk/announcer.js";
import { fakeClient } from "../fake-client.js";
import { summary } from "../fixtures.js";
import { doneWords, openBulks } from "./bulk.js";

const bulk = (over: Partial<Bulk> = {}): Bulk => ({
	id: "job",
	action: { type: "status", status: "resolved" },
	state: "running",
	total: 3,
	done: 0,
	failed: 0,
	errors: [],
	started_at: "2026-01-05T09:00:00.000Z",
	ended_at: null,
	...over,
});

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function open() {
	const fake = fakeClient();
	const announcer = createAnnouncer();
	const bulks = openBulks({ client: fake.client, announcer, onError: () => undefined });
	return { ...fake, bulks };
}

describe("choosing", () => {
	const rows = ["a", "b", "c", "d", "e"];

	it("takes one, and all in between", () => {
		const { bulks } = open();
		bulks.toggle("b");
		bulks.extend("d", rows);
		expect([...bulks.chosen.value]).toEqual(["b", "c", "d"]);
		bulks.toggle("c");
		bulks.extend("a", rows);
		expect([...bulks.chosen.value].sort()).toEqual(["a", "b", "c", "d"]);
		expect(bulks.choosing.value).toBe(true);
		bulks.clear();
		expect(bulks.choosing.value).toBe(false);
		expect(bulks.chosen.value.size).toBe(0);
	});

	it("begins a range where nothing was chosen", () => {
		const { bulks } = open();
		bulks.extend("c", rows);
		bulks.extend("d", rows);
		expect([...bulks.chosen.value]).toEqual(["c", "d"]);
		bulks.all(rows);
		expect(bulks.chosen.value.size).toBe(5);
	});
});

describe("a job", () => {
	const chosen = [summary({ id: "a", number: 1 }), summary({ id: "b", number: 2 })];
	const resolve = { type: "status", status: "resolved" } as const;

	it("is followed to its end, also where the server does not answer for a while", async () => {
		const { bulks, answers, bodies } = open();
		bulks.toggle("a");
		answers["POST /sessions/bulk"] = [bulk()];
		answers["GET /bulk/job"] = [
			bulk({ done: 1 }),
			new HttpError(503, "store_unavailable", "Later."),
			bulk({ state: "done", done: 2, failed: 1 }),
		];
		expect(await bulks.run(resolve, chosen)).toBeNull();
		expect(bodies.at(-1)).toEqual({ ids: ["a", "b"], action: resolve });
		expect(bulks.choosing.value).toBe(false);
		await vi.advanceTimersByTimeAsync(500);
		expect(bulks.job.value?.bulk.done).toBe(1);
		bulks.dismiss();
		expect(bulks.job.value, "while it goes on").not.toBeNull();
		await vi.advanceTimersByTimeAsync(3_000);
		expect(bulks.job.value?.bulk.state).toBe("done");
		expect(bulks.job.value?.names.get("b")).toMatch(/^#2 /);
		bulks.dismiss();
		expect(bulks.job.value).toBeNull();
	});

	it("that is refused keeps what was chosen", async () => {
		const { bulks, answers } = open();
		bulks.toggle("a");
		answers["POST /sessions/bulk"] = [new HttpError(429, "rate_limited", "Wait for one to end.")];
		expect((await bulks.run(resolve, chosen))?.message).toBe("Wait for one to end.");
		expect([...bulks.chosen.value]).toEqual(["a"]);
		expect(bulks.job.value).toBeNull();
	});

	it("says how it ended", () => {
		expect(doneWords(bulk({ state: "done", done: 1, total: 1 }))).toBe("Done: 1 chat");
		expect(doneWords(bulk({ state: "done", done: 2, failed: 1 }))).toBe(
			"Done: 2 chats. 1 could not be changed.",
		);
		expect(doneWords(bulk({ state: "stopped", done: 2 }))).toMatch(/^It stopped after 2 of 3 chats\./);
	});
});

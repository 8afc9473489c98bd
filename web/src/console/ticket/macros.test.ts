import { describe, expect, it, vi } from "vitest";
import { HttpError } from "../../client/index.js";
import type { Macro } from "../../protocol/types.js";
import { NO_NAMES } from "../automation/action-words.js";
import { fakeClient } from "../fake-client.js";
import { macrosFound, runMacro } from "./macros.js";

const lost = () => new HttpError(0, null, "The server did not answer.");
const done = { id: "run", seq: 5, duplicate: false };
const at = "POST /sessions/s1/macros/m1";

describe("runMacro", () => {
	it("is tried again under the same id where no answer came", async () => {
		const fake = fakeClient();
		const wait = vi.fn(async () => {});
		fake.answers[at] = [lost(), new HttpError(503, "overloaded", "Busy."), { ...done, duplicate: true }];
		expect(await runMacro(fake.client.http, "s1", "m1", { id: "run" }, wait)).toEqual({
			...done,
			duplicate: true,
		});
		expect(fake.bodies).toEqual([{ id: "run" }, { id: "run" }, { id: "run" }]);
		expect(wait).toHaveBeenCalledTimes(2);
	});

	it("tells a refusal at once, and gives up after some tries", async () => {
		const fake = fakeClient();
		const wait = vi.fn(async () => {});
		fake.answers[at] = [new HttpError(409, "wrong_status", "It is closed."), lost(), lost(), lost(), done];
		await expect(runMacro(fake.client.http, "s1", "m1", { id: "run" }, wait)).rejects.toThrow(
			"It is closed.",
		);
		expect(wait).not.toHaveBeenCalled();
		await expect(runMacro(fake.client.http, "s1", "m1", { id: "run" }, wait)).rejects.toThrow(
			"did not answer",
		);
		expect(wait).toHaveBeenCalledTimes(2);
	});
});

describe("macrosFound", () => {
	const one = (name: string, over: Partial<Macro> = {}): Macro => ({
		id: name,
		name,
		owner_id: null,
		actions: [{ type: "status", status: "resolved" }],
		created_at: "2026-11-20T12:00:00.000Z",
		updated_at: "2026-11-20T12:00:00.000Z",
		...over,
	});
	const all = [
		one("Say goodbye"),
		one("Refund", { owner_id: "ana", actions: [{ type: "message", body: "Adeus, goodbye" }] }),
		one("Ask for a picture", { owner_id: "ana" }),
	];
	const found = (looked: string) => macrosFound(all, looked, NO_NAMES).map(({ name }) => name);

	it("shows my own first, by name", () => {
		expect(found("")).toEqual(["Ask for a picture", "Refund", "Say goodbye"]);
	});

	it("finds by the name rather than by what is done", () => {
		expect(found("GOODBYE")).toEqual(["Say goodbye", "Refund"]);
		expect(found("resolve")).toEqual(["Ask for a picture", "Say goodbye"]);
		expect(found("nothing like it")).toEqual([]);
	});
});

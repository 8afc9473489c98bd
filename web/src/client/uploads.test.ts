import { describe, expect, it } from "vitest";
import type { Attachment } from "../protocol/types.js";
import { settle } from "../testing/clock.js";
import { type FakeRequest, fakeNetwork } from "../testing/xhr.js";
import { type UploadOptions, Uploads, type UploadWords } from "./uploads.js";

const words: UploadWords = {
	tooLarge: (name, limit) => `${name} over ${limit}`,
	tooMany: (limit) => `at most ${limit}`,
	empty: (name) => `${name} empty`,
	lost: (name) => `${name} lost`,
	refused: (name, why) => `${name} ${why}`,
	cutOff: (names) => `cut off: ${names.join(", ")}`,
	gone: (name) => `${name} gone`,
};
const limits = { max_bytes: 1_024, max_files: 3, types: [], endings: [] };

const file = (name: string, bytes = 10) => new File(["x".repeat(bytes)], name);
const attachment = (name: string): Attachment => ({
	id: `id of ${name}`,
	name,
	content_type: "text/plain",
	size: 10,
	url: `/${name}`,
});

function setUp(options: Partial<UploadOptions> = {}) {
	const network = fakeNetwork();
	const kept: string[] = [];
	const uploads = new Uploads({
		baseUrl: "http://server.test",
		token: "secret",
		path: () => "/sessions/s1/attachments",
		limits: () => limits,
		words,
		keep: (tray) => kept.push(tray),
		...options,
	});
	const states = () => uploads.items.get().map(({ name, state }) => `${name} ${state}`);
	const at = (place: number): FakeRequest => {
		const request = network.uploads[place];
		if (request === undefined) throw new Error(`only ${network.uploads.length} began`);
		return request;
	};
	const key = (name: string): string => {
		const item = uploads.items.get().find((item) => item.name === name);
		if (item === undefined) throw new Error(`no ${name}`);
		return item.key;
	};
	return { ...network, kept, uploads, states, at, key };
}

describe("uploads", () => {
	it("go two at once, in their order, and tell how far they are", () => {
		const { uploads, states, at } = setUp();
		uploads.add([file("a"), file("b"), file("c")]);
		expect(states()).toEqual(["a uploading", "b uploading", "c waiting"]);
		expect(at(0).url).toBe("http://server.test/api/v1/sessions/s1/attachments");
		expect(at(0).headers).toMatchObject({ Authorization: "Bearer secret" });
		expect(at(0).file?.name).toBe("a");
		at(1).arrives(0.5);
		expect(uploads.items.get().map(({ progress }) => progress)).toEqual([0, 0.5, 0]);
		// The second one is there first: they keep their places.
		at(1).taken(attachment("b"));
		expect(states()).toEqual(["a uploading", "b done", "c uploading"]);
		expect(uploads.busy).toBe(true);
		at(0).taken(attachment("a"));
		at(2).taken(attachment("c"));
		expect(uploads.busy).toBe(false);
		expect(uploads.take().map(({ name }) => name)).toEqual(["a", "b", "c"]);
		expect(uploads.empty).toBe(true);
	});

	it("hold the limits before anything is sent", () => {
		const { uploads, states, at } = setUp();
		uploads.add([file("large", 1_025), file("empty", 0), file("fits", 1_024), file("fourth")]);
		expect(states()).toEqual(["large failed", "empty failed", "fits uploading"]);
		expect(uploads.items.get().map(({ trouble }) => trouble)).toEqual([
			"large over 1 KB",
			"empty empty",
			null,
		]);
		expect(uploads.items.get().every(({ retryable }) => !retryable)).toBe(true);
		expect(uploads.trouble.get()).toBe("at most 3");
		expect(at(0).file?.name).toBe("fits");
	});

	it("can be stopped on their way, and taken back after it", async () => {
		const { uploads, states, at, key, asked } = setUp();
		uploads.add([file("a"), file("b"), file("c")]);
		uploads.cancel(key("a"));
		expect(at(0).aborted).toBe(true);
		expect(states()).toEqual(["b uploading", "c uploading"]);
		at(1).taken(attachment("b"));
		uploads.cancel(key("b"));
		await settle();
		expect(asked).toEqual([
			{
				method: "DELETE",
				url: "http://server.test/api/v1/attachments/id of b",
				headers: { Authorization: "Bearer secret" },
			},
		]);
		expect(states()).toEqual(["c uploading"]);
	});

	it("are tried again where that can help, and tell why not where it cannot", () => {
		const { uploads, states, at, key } = setUp();
		uploads.add([file("a"), file("b"), file("c")]);
		at(0).breaks();
		at(1).refused(422, { errors: [{ field: "file", message: "holds HTML" }] });
		at(2).refused(503, { detail: "Try again in a moment." });
		expect(states()).toEqual(["a failed", "b failed", "c failed"]);
		const told = uploads.items.get().map(({ trouble, retryable }) => [trouble, retryable]);
		expect(told).toEqual([
			["a lost", true],
			["b holds HTML", false],
			["Try again in a moment.", true],
		]);
		expect(uploads.failed).toBe(true);
		uploads.retry(key("a"));
		expect(states()[0]).toBe("a uploading");
		at(3).answers(201, "not what we speak");
		expect(uploads.items.get()[0]?.trouble).toBe("a lost");
		uploads.retry(key("a"));
		at(4).taken(attachment("a"));
		expect(uploads.items.get()[0]).toMatchObject({ state: "done", progress: 1, trouble: null });
	});

	it("wait for their place", () => {
		let path: string | null = null;
		const { uploads, states, at } = setUp({ path: () => path });
		uploads.add([file("a")]);
		expect(states()).toEqual(["a waiting"]);
		path = "/canned/c1/attachments";
		uploads.start();
		expect(at(0).url).toBe("http://server.test/api/v1/canned/c1/attachments");
	});

	it("say so if what must go stays", async () => {
		const { uploads, states, key, answers } = setUp({
			files: [attachment("a")],
			words: { ...words, stays: (name) => `${name} stays` },
		});
		answers.status = 500;
		uploads.cancel(key("a"));
		await settle();
		expect([states(), uploads.trouble.get()]).toEqual([["a done"], "a stays"]);
		answers.status = 204;
		uploads.cancel(key("a"));
		await settle();
		expect([states(), uploads.trouble.get()]).toEqual([[], null]);
	});
});

describe("after a reload", () => {
	it("what was there is there, what was on its way is named, and sending forgets both", () => {
		const first = setUp();
		first.uploads.add([file("a"), file("b")]);
		first.at(0).taken(attachment("a"));
		const { uploads, states, kept } = setUp({ kept: first.kept.at(-1) ?? "" });
		expect(states()).toEqual(["a done"]);
		expect(uploads.trouble.get()).toBe("cut off: b");
		expect(uploads.take()).toEqual([attachment("a")]);
		expect(kept.at(-1)).toBe("");
	});

	it("what the server has no more goes with a word; where nobody knows, it stays", async () => {
		const kept = JSON.stringify({ files: [attachment("a")], underWay: [] });
		const network = fakeNetwork();
		network.answers.status = 404;
		const options = {
			baseUrl: "",
			path: () => "/x",
			limits: () => null,
			words,
			kept,
		};
		const uploads = new Uploads(options);
		await settle();
		expect(network.asked.map(({ method }) => method)).toEqual(["HEAD"]);
		expect([uploads.empty, uploads.trouble.get()]).toEqual([true, "a gone"]);
		network.answers.unreachable = true;
		const offline = new Uploads(options);
		await settle();
		expect([offline.empty, offline.trouble.get()]).toEqual([false, null]);
	});

	it("what another version left is nothing", () => {
		fakeNetwork();
		for (const kept of ["", "{", "null", "[]", '{"files":3}', '{"files":[null,{}],"underWay":"x"}']) {
			const uploads = new Uploads({ baseUrl: "", path: () => null, limits: () => null, words, kept });
			expect([uploads.empty, uploads.trouble.get()], kept).toEqual([true, null]);
		}
	});
});

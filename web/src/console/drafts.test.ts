import { describe, expect, it } from "vitest";
import { createDrafts, type DraftStorage } from "./drafts.js";

function mapStorage(): DraftStorage & { size(): number } {
	const map = new Map<string, string>();
	return {
		getItem: (key) => map.get(key) ?? null,
		setItem: (key, value) => void map.set(key, value),
		removeItem: (key) => void map.delete(key),
		size: () => map.size,
	};
}

const broken: DraftStorage = {
	getItem: () => {
		throw new Error("forbidden");
	},
	setItem: () => {
		throw new Error("full");
	},
	removeItem: () => {
		throw new Error("forbidden");
	},
};

describe("drafts", () => {
	it("outlive the page, per agent and chat", () => {
		const storage = mapStorage();
		createDrafts("ana", storage).set("one", "Hello");
		expect(createDrafts("ana", storage).get("one")).toBe("Hello");
		expect(createDrafts("ana", storage).get("two")).toBe("");
		expect(createDrafts("tomas", storage).get("one")).toBe("");
	});

	it("leave nothing behind when emptied", () => {
		const storage = mapStorage();
		const drafts = createDrafts("ana", storage);
		drafts.set("one", "Hello");
		drafts.set("one", "");
		expect(drafts.get("one")).toBe("");
		expect(storage.size()).toBe(0);
	});

	it.each([["missing", null] as const, ["broken", broken] as const])(
		"stay in memory with %s storage",
		(_, storage) => {
			const drafts = createDrafts("ana", storage);
			expect(drafts.get("one")).toBe("");
			drafts.set("one", "Hello");
			expect(drafts.get("one")).toBe("Hello");
		},
	);
});

import { describe, expect, it } from "vitest";
import { settle } from "../testing/clock.js";
import { fakeNetwork } from "../testing/xhr.js";
import { Attaching, type TrayModule } from "./attaching.js";
import * as tray from "./tray/main.js";

const file = (name: string) => new File(["x"], name);
const options = { baseUrl: "", path: () => "/x", limits: () => null };

/** An attaching whose script comes when the test lets it. */
function setUp(kept = "") {
	fakeNetwork();
	const asked: { failures: number; come(): void; fail(): void }[] = [];
	const load = (failures: number) =>
		new Promise<TrayModule>((resolve, reject) => {
			asked.push({ failures, come: () => resolve(tray), fail: () => reject(new TypeError("network")) });
		});
	const attaching = new Attaching(load, { ...options, kept });
	const names = () => {
		const state = attaching.state.get();
		return state.name === "ready" ? state.uploads.items.get().map(({ name }) => name) : state.name;
	};
	return { attaching, asked, names };
}

describe("attaching", () => {
	it("loads nothing before there is a file, and then takes all that came meanwhile", async () => {
		const { attaching, asked, names } = setUp();
		expect([asked.length, names()]).toEqual([0, "none"]);
		attaching.add([file("a")]);
		attaching.add([file("b")]);
		expect([asked.length, names()]).toEqual([1, "loading"]);
		asked[0]?.come();
		await settle();
		expect(names()).toEqual(["a", "b"]);
		attaching.add([file("c")]);
		expect(names()).toEqual(["a", "b", "c"]);
	});

	it("keeps the files while it cannot load, until one tries again or gives up", async () => {
		const { attaching, asked, names } = setUp();
		attaching.add([file("a")]);
		asked[0]?.fail();
		await settle();
		expect(names()).toBe("failed");
		void attaching.load();
		expect([asked[1]?.failures, names()]).toEqual([1, "loading"]);
		asked[1]?.fail();
		await settle();
		attaching.giveUp();
		expect(names()).toBe("none");
		attaching.add([file("b")]);
		asked[2]?.come();
		await settle();
		expect(names()).toEqual(["b"]);
	});

	it("loads at once for what an earlier page left", async () => {
		const kept = JSON.stringify({ files: [{ id: "1", name: "a", size: 1 }], underWay: [] });
		const { asked, names } = setUp(kept);
		asked[0]?.come();
		await settle();
		expect(names()).toEqual(["a"]);
	});
});

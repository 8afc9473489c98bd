import { afterEach, describe, expect, it } from "vitest";
import { createRouter, pathOf, placeOf } from "./router.js";

const at = (path: string) => placeOf(new URL(path, "https://desk.example"));

describe("placeOf", () => {
	it.each([
		["/console", { view: "mine", session: null }],
		["/console/", { view: "mine", session: null }],
		["/console?view=waiting", { view: "waiting", session: null }],
		["/console?view=nonsense", { view: "mine", session: null }],
		["/console/sessions/0193-a", { view: "mine", session: "0193-a" }],
		["/console/sessions/0193-a/?view=all", { view: "all", session: "0193-a" }],
		["/console/sessions/%E0%A4%A", { view: "mine", session: "%E0%A4%A" }],
	])("%s", (path, place) => {
		expect(at(path)).toEqual(place);
	});

	it("is undone by pathOf", () => {
		for (const path of ["/console", "/console?view=all", "/console/sessions/a%2Fb?view=waiting"]) {
			expect(pathOf(at(path))).toBe(path);
		}
	});
});

describe("createRouter", () => {
	afterEach(() => window.history.replaceState(null, "", "/"));

	it("writes the address, and follows it back", () => {
		window.history.replaceState(null, "", "/console/sessions/one");
		const router = createRouter(window);
		expect(router.place.value.session).toBe("one");

		router.go({ session: "two", view: "all" });
		expect(window.location.pathname + window.location.search).toBe("/console/sessions/two?view=all");

		window.history.replaceState(null, "", "/console");
		window.dispatchEvent(new PopStateEvent("popstate"));
		expect(router.place.value).toEqual({ view: "mine", session: null });
		router.close();
	});

	it("leaves no second step for the place where one is", () => {
		const router = createRouter(window);
		const steps = window.history.length;
		router.go({ session: null });
		expect(window.history.length).toBe(steps);
		router.close();
	});
});

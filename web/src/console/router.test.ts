import { afterEach, describe, expect, it } from "vitest";
import { createRouter, pathOf, placeOf } from "./router.js";

const at = (path: string) => placeOf(new URL(path, "https://desk.example"));

const VIEW = "0193aaaa-0000-7000-8000-000000000001";

describe("placeOf", () => {
	it.each([
		["/console", { view: "mine", session: null, settings: null }],
		["/console/", { view: "mine", session: null, settings: null }],
		["/console?view=waiting", { view: "waiting", session: null, settings: null }],
		["/console?view=mentions", { view: "mentions", session: null, settings: null }],
		[`/console?view=${VIEW}`, { view: VIEW, session: null, settings: null }],
		["/console?view=nonsense", { view: "mine", session: null, settings: null }],
		["/console/sessions/0193-a", { view: "mine", session: "0193-a", settings: null }],
		["/console/sessions/0193-a/?view=all", { view: "all", session: "0193-a", settings: null }],
		["/console/settings", { view: "mine", session: null, settings: "" }],
		["/console/settings/people/0193-a/", { view: "mine", session: null, settings: "people/0193-a" }],
		["/console/contacts", { view: "mine", session: null, settings: "contacts" }],
		["/console/contacts/0193-a/", { view: "mine", session: null, settings: "contacts/0193-a" }],
		["/console/contactsfoo", { view: "mine", session: null, settings: null }],
		["/console/settingsfoo", { view: "mine", session: null, settings: null }],
		["/console/sessions/%E0%A4%A", { view: "mine", session: "%E0%A4%A", settings: null }],
	])("%s", (path, place) => {
		expect(at(path)).toEqual(place);
	});

	it("is undone by pathOf", () => {
		for (const path of [
			"/console",
			"/console?view=all",
			`/console/sessions/a?view=${VIEW}`,
			"/console/sessions/a%2Fb?view=waiting",
			"/console/settings/teams",
			"/console?q=late+parcel",
			"/console/sessions/a?view=all&q=%23&at=7",
		]) {
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
		expect(router.place.value).toEqual({ view: "mine", session: null, settings: null });
		router.close();
	});

	it("ends a search where a list is chosen, and a hit where another chat is", () => {
		window.history.replaceState(null, "", "/console?q=late");
		const router = createRouter(window);
		router.go({ session: "one", at: 7 });
		expect(router.place.value).toMatchObject({ session: "one", at: 7, search: "late" });
		router.go({ session: "two" });
		expect(router.place.value.at).toBeUndefined();
		router.go({ view: "all" });
		expect(window.location.search).toBe("?view=all");
		router.close();
	});

	it("leaves no second step for the place where one is", () => {
		const router = createRouter(window);
		const steps = window.history.length;
		router.go({ session: null, settings: null });
		expect(window.history.length).toBe(steps);
		router.close();
	});

	it("leaves the settings for whatever else it goes to", () => {
		window.history.replaceState(null, "", "/console/sessions/one?view=all");
		const router = createRouter(window);
		expect(router.moved).toBe(false);
		router.go({ settings: "people" });
		expect(router.moved).toBe(true);
		expect(window.location.pathname).toBe("/console/settings/people");
		expect(router.place.value).toEqual({ view: "all", session: null, settings: "people" });
		router.go({ view: "mine" });
		expect(router.place.value).toEqual({ view: "mine", session: null, settings: null });
		router.close();
	});

	it("asks whoever holds the place, also when the browser goes back", () => {
		window.history.replaceState(null, "", "/console/settings/account");
		const router = createRouter(window);
		let go: (() => void) | null = null;
		const release = router.hold((proceed) => {
			go = proceed;
		});
		router.go({ settings: "people" });
		expect(window.location.pathname).toBe("/console/settings/account");
		go = null;

		window.history.replaceState(null, "", "/console");
		window.dispatchEvent(new PopStateEvent("popstate"));
		expect(window.location.pathname).toBe("/console/settings/account");
		expect(router.place.value.settings).toBe("account");
		const proceed = go as (() => void) | null;
		proceed?.();
		expect(window.location.pathname).toBe("/console");
		expect(router.place.value.settings).toBeNull();

		release();
		let ran = false;
		router.leave(() => {
			ran = true;
		});
		expect(ran).toBe(true);
		router.close();
	});
});

import { describe, expect, it } from "vitest";
import { HttpError } from "../../../client/index.js";
import type { RoutingSettings } from "../../../protocol/types.js";
import { formOf, settingsOf, withoutSection } from "./routing-form.js";

const settings: RoutingSettings = {
	mode: "offer",
	offer_seconds: 20,
	away_after_unanswered: null,
	max_wait_s: 300,
	fallback: { type: "team", team_id: "t1" },
	language_required: true,
	take_messages: false,
	sites: { s1: { mode: null, team: "t1", skills: [] } },
	teams: { t1: { mode: "manual" } },
};

describe("the routing form", () => {
	it("is the settings, and back", () => {
		expect(settingsOf(formOf(settings))).toEqual(settings);
	});

	it("leaves out rules that say nothing", () => {
		const form = {
			...formOf(settings),
			sites: { s1: { mode: null, team: null, skills: [] } },
			teams: { t1: { mode: null } },
		};
		expect(settingsOf(form)).toMatchObject({ sites: {}, teams: {} });
	});

	it("tells of what is no number by its field", () => {
		const form = { ...formOf(settings), max_wait_s: "soon" };
		expect(() => settingsOf(form)).toThrow(HttpError);
		expect(settingsOf({ ...form, max_wait_s: " " }).max_wait_s).toBeNull();
	});

	it("calls the server's fields by their own names", () => {
		const errors = [{ field: "routing.offer_seconds", message: "is odd" }];
		const error = withoutSection(new HttpError(422, "invalid", "Odd.", errors)) as HttpError;
		expect(error.errors).toEqual([{ field: "offer_seconds", message: "is odd" }]);
	});
});

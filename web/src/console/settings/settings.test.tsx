import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, describe, expect, it } from "vitest";
import { HttpError } from "../../client/index.js";
import type { Agent, You } from "../../protocol/types.js";
import { fakeClient } from "../fake-client.js";
import type { Router } from "../router.js";
import { browserWords } from "./account/browser-words.js";
import { faultAt, faultsOf } from "./faults.js";
import { type Form, useForm } from "./form.js";
import { languageName, languageTag } from "./languages.js";
import { loaded } from "./loaded.js";
import { LeaveGuard } from "./page.js";
import { sectionsFor } from "./sections.js";
import { openWorkspace } from "./workspace.js";

const invalid = (...fields: readonly [field: string, message: string][]) =>
	new HttpError(
		422,
		"invalid",
		"Not so.",
		fields.map(([field, message]) => ({ field, message })),
	);

describe("faultsOf", () => {
	it("leaves to each field what is its own, however deep", () => {
		const faults = faultsOf(invalid(["name", "must not be empty"], ["hours.week.mon[1].from", "is early."]), [
			"name",
			"hours",
		]);
		expect(faults.whole).toBeNull();
		expect(faultAt(faults, "name", "The name")).toBe("The name must not be empty.");
		expect(faultAt(faults, "hours.week.mon[1]", "This")).toBe("This is early.");
		expect(faultAt(faults, "hours.week.mon[10]", "This")).toBeNull();
	});

	it("says of the whole what no field can say, and that nothing is lost", () => {
		expect(faultsOf(invalid(["name", "is odd"], ["teams[0]", "is no team"]), ["name"])).toEqual({
			fields: [{ field: "name", message: "is odd" }],
			whole: "teams[0] is no team.",
		});
		expect(faultsOf(new HttpError(409, "last_admin", "Nobody else could."), []).whole).toBe(
			"Nobody else could.",
		);
		expect(faultsOf(new HttpError(0, null, "No answer."), []).whole).toBe(
			"No answer. What you wrote is kept.",
		);
	});
});

describe("useForm", () => {
	afterEach(() => act(() => render(null, document.body)));

	function form<T extends object>(base: () => T, save: (changed: Partial<T>) => Promise<void>) {
		let now: Form<T> | null = null;
		const Page = () => {
			now = useForm(base(), save);
			return null;
		};
		const draw = () => act(() => render(<Page />, document.body));
		draw();
		return {
			draw,
			get now(): Form<T> {
				if (!now) throw new Error("not drawn");
				return now;
			},
		};
	}

	it("saves what was changed, and nothing else", async () => {
		let base = { name: "Ana", teams: ["a"] };
		const saved: unknown[] = [];
		const one = form(
			() => base,
			async (changed) => {
				saved.push(changed);
				base = { ...base, ...changed };
			},
		);
		act(() => one.now.set({ teams: ["a", "b"] }));
		act(() => one.now.set({ name: "Ana B" }));
		act(() => one.now.set({ name: "Ana" }));
		expect(one.now.changed).toBe(1);
		await act(async () => expect(await one.now.send()).toBe(true));
		expect(saved).toEqual([{ teams: ["a", "b"] }]);
		expect(one.now).toMatchObject({ changed: 0, values: { teams: ["a", "b"] } });
	});

	it("keeps what was written when it is refused, and mends a fault where it is mended", async () => {
		const one = form(
			() => ({ name: "Ana", color: "" }),
			async () => {
				throw invalid(["name", "is odd"], ["color", "is none"]);
			},
		);
		act(() => one.now.set({ name: "?" }));
		await act(async () => expect(await one.now.send()).toBe(false));
		expect(one.now.values.name).toBe("?");
		expect(one.now.at("name", "It")).toBe("It is odd.");
		act(() => one.now.set({ name: "Ana B" }));
		expect(one.now.at("name", "It")).toBeNull();
		expect(one.now.at("color", "It")).toBe("It is none.");
		act(() => one.now.discard());
		expect(one.now).toMatchObject({ changed: 0, values: { name: "Ana" }, faults: { fields: [] } });
	});

	it("leads to the first fault once, and away from none that is being mended", async () => {
		let now: Form<{ name: string; color: string }> | null = null;
		const Page = () => {
			const form = useForm({ name: "Ana", color: "" }, async () => {
				throw invalid(["name", "is odd"], ["color", "is none"]);
			});
			now = form;
			const wrong = (field: "name" | "color") => ({
				id: field,
				"aria-invalid": form.at(field, "It") !== null,
			});
			return (
				<>
					<input {...wrong("name")} />
					<input {...wrong("color")} />
				</>
			);
		};
		act(() => render(<Page />, document.body));
		const form = () => now as unknown as Form<{ name: string; color: string }>;
		act(() => form().set({ name: "?" }));
		await act(async () => expect(await form().send()).toBe(false));
		expect(document.activeElement?.id).toBe("name");
		document.getElementById("color")?.focus();
		act(() => form().set({ color: "r" }));
		expect(document.activeElement?.id).toBe("color");
		await act(async () => expect(await form().send()).toBe(false));
		expect(document.activeElement?.id).toBe("name");
	});

	it("keeps what is written while it saves, and what others changed meanwhile", async () => {
		let base = { name: "Ana", color: "red" };
		let answer = () => {};
		const one = form(
			() => base,
			() =>
				new Promise<void>((resolve) => {
					answer = () => {
						base = { name: "B", color: "blue" };
						resolve();
					};
				}),
		);
		act(() => one.now.set({ name: "B" }));
		const sending = one.now.send();
		act(() => one.now.set({ name: "Bo" }));
		await act(async () => {
			answer();
			await sending;
		});
		expect(one.now).toMatchObject({ changed: 1, values: { name: "Bo", color: "blue" } });
	});
});

describe("LeaveGuard", () => {
	it("asks as soon as it is there, and no longer than it is", () => {
		let held: unknown = null;
		const router = {
			hold(ask: unknown) {
				held = ask;
				return () => {
					held = null;
				};
			},
		} as unknown as Router;
		const asks = () => !window.dispatchEvent(new Event("beforeunload", { cancelable: true }));
		render(
			<LeaveGuard router={router} title="Leave?" verb="Discard">
				1 change
			</LeaveGuard>,
			document.body,
		);
		expect([asks(), held !== null]).toEqual([true, true]);
		render(null, document.body);
		expect([asks(), held !== null]).toEqual([false, false]);
	});
});

describe("loaded", () => {
	it("drops an answer that was overtaken, and keeps what it knew when there is none", async () => {
		const answers: ((value: string) => void)[] = [];
		let broken = false;
		const one = loaded(() => {
			if (broken) return Promise.reject(new HttpError(503, "overloaded", "Busy."));
			return new Promise<string>((resolve) => void answers.push(resolve));
		});
		const first = one.refresh();
		one.set("newer");
		answers[0]?.("older");
		await first;
		expect(one.now.value).toEqual({ state: "known", value: "newer" });
		broken = true;
		await one.refresh();
		expect(one.now.value).toEqual({ state: "known", value: "newer" });
	});

	it("says alike what is not there and what is not ours", async () => {
		const one = loaded(() => Promise.reject(new HttpError(403, "forbidden", "Only for admins.")));
		await one.refresh();
		expect(one.now.value).toEqual({
			state: "failed",
			message: "This is not here, or not open to you.",
		});
	});
});

describe("the workspace", () => {
	const me: You = { kind: "agent", id: "ana", name: "Ana", role: "admin" };
	const agent = { id: "bo", name: "Bo", languages: [], teams: [], skills: [] } as unknown as Agent;

	it("keeps the link of who is invited, and the new member in the list", async () => {
		const fake = fakeClient();
		const workspace = openWorkspace(fake.client.http, me);
		fake.answers["GET /agents"] = [{ items: [], next_cursor: null, total: 0 }];
		await workspace.agents.refresh();
		const link = { url: "https://x.example/console/welcome#t", expires_at: "2026-11-27T09:00:00.000Z" };
		fake.answers["POST /agents"] = [{ agent, invitation: link }];
		fake.answers["POST /agents/bo/password-reset"] = [{ ...link, url: "https://x.example/r" }];
		await workspace.invite({ email: "bo@x.example", name: "Bo", role: "agent" });
		expect(workspace.agents.now.value).toEqual({ state: "known", value: [agent] });
		expect(workspace.links.value.get("bo")).toEqual({ ...link, kind: "invitation" });
		await workspace.makeLink("bo", "reset");
		expect(workspace.links.value.get("bo")).toMatchObject({ url: "https://x.example/r", kind: "reset" });
	});
});

describe("languages", () => {
	it.each([
		["German", "de"],
		[" brazilian portuguese ", "pt-BR"],
		["pt-br", "pt-BR"],
		["lao", "lo"],
		["Klingonese", null],
		["de_DE", null],
		["", null],
	])("%s", (text, tag) => {
		expect(languageTag(text)).toBe(tag);
	});

	it("names what it knows, and shows the tag of what it does not", () => {
		expect(languageName("fr")).toBe("French");
		expect(languageName("not a tag")).toBe("not a tag");
	});
});

it("sections are for those whom they are for", () => {
	const paths = (role: "agent" | "supervisor" | "admin") => sectionsFor(role).map(({ path }) => path);
	expect(paths("agent")).toEqual(["account", "contacts", "canned", "macros", "views"]);
	expect(paths("supervisor")).toEqual([
		...paths("agent"),
		"board",
		"people",
		"teams",
		"skills",
		"attributes",
		"rules",
	]);
	const own = ["sites", "routing", "service-levels", "closing"];
	expect(paths("admin")).toEqual([...paths("supervisor"), ...own]);
});

it.each([
	["Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Windows"],
	[
		"Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1",
		"Safari, iPhone",
	],
	[
		"Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36 EdgA/140.0",
		"Edge, Android",
	],
	["curl/8.5.0", "curl/8.5.0"],
	["", "A browser that does not say what it is"],
])("a login's browser: %s", (label, words) => {
	expect(browserWords(label)).toBe(words);
});

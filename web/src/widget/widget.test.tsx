import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SiteConfig, StartSession } from "../protocol/types.js";
import { settle } from "../testing/clock.js";
import { ANA, CUSTOMER } from "../testing/make.js";
import { FakePlatform } from "../testing/platform.js";
import { FakeServer } from "../testing/server.js";
import { Model } from "./model.js";
import { openStore } from "./stored.js";
import { backLabel, clock } from "./times.js";
import { Widget } from "./widget.js";

const config: SiteConfig = {
	key: "demo",
	name: "Tern & Tide",
	theme: { color: "#1f6048" },
	greeting: "How can we help?",
	locales: ["en"],
	prechat: [
		{ name: "name", required: true },
		{ name: "phone", required: true },
		{ name: "message", required: false },
	],
	opening_hours: null,
	open_now: true,
	opens_at: null,
	uploads: { max_bytes: 20_971_520, max_files: 10, types: ["image/png"], endings: [".png"] },
	online: true,
	message_chars: 100,
};

let root: HTMLElement;
let closed: number;

beforeEach(() => {
	localStorage.clear();
	root = document.createElement("div");
	document.body.append(root);
	closed = 0;
});

afterEach(() => {
	act(() => render(null, root));
	root.remove();
});

const $ = <T extends HTMLElement>(selector: string): T => {
	const found = root.querySelector<T>(selector);
	if (found === null) throw new Error(`no ${selector}`);
	return found;
};
const texts = (selector: string): string[] =>
	[...root.querySelectorAll(selector)].map((element) => element.textContent ?? "");

async function type(selector: string, value: string): Promise<void> {
	const field = $<HTMLInputElement>(selector);
	await act(() => {
		field.value = value;
		field.dispatchEvent(new Event("input", { bubbles: true }));
	});
}

async function press(selector: string, key: string, more: KeyboardEventInit = {}): Promise<void> {
	await act(() => {
		$(selector).dispatchEvent(
			new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }),
		);
	});
}

async function leave(selector: string): Promise<void> {
	await act(() => {
		$(selector).dispatchEvent(new Event("blur", { bubbles: true }));
	});
}

/** A shown widget, with a chat or before one. */
async function show(stored: boolean, change: Partial<SiteConfig> = {}) {
	const server = new FakeServer("chat");
	const platform = new FakePlatform(server);
	const starts: StartSession[] = [];
	/** What the site says of itself when it is asked again. */
	const site = { ...config, ...change };
	let refusal: { status: number; body: unknown } | null = null;
	platform.fetch = async (url, init) => {
		if (url.endsWith("/sites/demo")) return new Response(JSON.stringify(site));
		if (!url.endsWith("/sites/demo/sessions")) return await server.fetch(url, init, platform.clock);
		if (server.unreachable) throw new TypeError("network");
		expect(init.credentials).toBe("omit");
		starts.push(JSON.parse(String(init.body)) as StartSession);
		const { entries, summary: session } = server.chat("chat");
		const body = { token: "secret", epoch: server.epoch, session, contact: session.contact, entries };
		return new Response(JSON.stringify(refusal?.body ?? body), { status: refusal?.status ?? 201 });
	};
	const store = openStore("demo");
	if (stored) store.set({ token: "secret", session: "chat" });
	const model = new Model({
		baseUrl: "http://server.test",
		site: "demo",
		config: { ...config, ...change },
		store,
		platform,
		tray: () => import("./tray/main.js"),
	});
	const close = () => {
		closed += 1;
		model.setOpen(false);
	};
	const pass = async (ms = 100) => {
		await act(() => platform.clock.advance(ms));
	};
	act(() =>
		render(<Widget model={model} host={root} open={() => model.setOpen(true)} close={close} />, root),
	);
	act(() => model.setOpen(true));
	await pass();
	const submit = async () => {
		await act(async () => {
			$("form").dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
			// The answer of a request comes through a real stream, which takes real turns.
			await new Promise((resolve) => setTimeout(resolve));
			await settle();
		});
		await pass();
	};
	const refuse = (status: number, body: unknown) => {
		refusal = { status, body };
	};
	return { server, platform, store, model, starts, pass, submit, refuse, site };
}

describe("in line", () => {
	const told = { type: "queue", session: "chat", waiting: 4 } as const;

	it("tells the place and the wait, until somebody answers", async () => {
		const { server, pass } = await show(true);
		const line = () => $("[role=status].queue").textContent;
		// The room is there before the words.
		expect(line()).toBe("");
		server.tell({ ...told, position: 3 });
		await pass();
		expect(line()).toBe("You're number 3 in line.");
		server.tell({ ...told, position: 2, estimate_s: 230 });
		await pass();
		expect(line()).toBe("You're number 2 in line. About 4 minutes.");
		server.tell({ ...told, position: 1, estimate_s: 119 });
		await pass();
		expect(line()).toBe("You're next. Less than 2 minutes.");
		server.say("chat", "Here I am");
		await pass();
		expect(texts(".queue")).toEqual([]);
	});

	it("is not spoken of while the connection is away", async () => {
		const { server, pass } = await show(true);
		server.tell({ ...told, position: 3 });
		await pass();
		server.unreachable = true;
		server.drop();
		await pass(30_000);
		expect(texts(".queue")).toEqual([""]);
	});
});

describe("before the chat", () => {
	it("asks what the site asks, and says what is optional", async () => {
		await show(false);
		expect(texts(".form-title")).toEqual(["How can we help?"]);
		expect(texts("label")).toEqual(["Your name", "Phone", "Message"]);
		expect(texts(".field-optional")).toEqual(["Optional"]);
		expect(document.activeElement).toBe($("[name=name]"));
	});

	it("says what is wrong when a filled field is left, tied to the field", async () => {
		await show(false);
		await type("[name=phone]", "12");
		await leave("[name=phone]");
		const field = $("[name=phone]");
		expect(field.getAttribute("aria-invalid")).toBe("true");
		const error = root.querySelector(`#${field.getAttribute("aria-describedby")}`);
		expect(error?.textContent).toBe("This number looks too short.");
		await type("[name=phone]", "123");
		expect(texts(".field-error")).toEqual([]);
	});

	it("does not call an empty field wrong before it is sent, then goes to the first", async () => {
		const { starts, submit } = await show(false);
		await leave("[name=name]");
		expect(texts(".field-error")).toEqual([]);
		await submit();
		expect(texts(".field-error")).toEqual(["Please write your name.", "Please write your phone number."]);
		expect(document.activeElement).toBe($("[name=name]"));
		expect(starts).toEqual([]);
	});

	it("starts a chat with the number in E.164, and remembers it", async () => {
		const { starts, submit, store } = await show(false);
		await type("[name=name]", "  Phương Anh ");
		await type("[name=phone]", "+351 912 345 678");
		expect($<HTMLInputElement>("[name=phone]").value).toBe("912345678");
		await submit();
		expect(starts).toHaveLength(1);
		expect(starts[0]).toMatchObject({ name: "Phương Anh", phone: "+351912345678" });
		expect(starts[0]).not.toHaveProperty("message");
		expect(store.get()).toEqual({ token: "secret", session: "chat" });
		expect($(".composer-field")).toBeDefined();
	});

	it("puts the server's refusals to their fields", async () => {
		const { submit, refuse, starts } = await show(false);
		refuse(422, { code: "invalid", detail: "…", errors: [{ field: "phone", message: "No such number." }] });
		await type("[name=name]", "Anh");
		await type("[name=phone]", "+351 912 345 678");
		await submit();
		expect(texts(".field-error")).toEqual(["No such number."]);
		expect(document.activeElement).toBe($("[name=phone]"));
		await submit();
		expect(starts[1]?.id).not.toBe(starts[0]?.id);
	});

	it("keeps what was typed when it did not get through, and tries the same start again", async () => {
		const { server, submit, starts, refuse } = await show(false);
		await type("[name=name]", "Anh");
		await type("[name=phone]", "+351 912 345 678");
		server.unreachable = true;
		await submit();
		expect(texts(".form-failure")).toEqual(["That did not get through. Try again."]);
		expect($<HTMLInputElement>("[name=name]").value).toBe("Anh");
		server.unreachable = false;
		refuse(503, { code: "overloaded", detail: "…" });
		await submit();
		await submit();
		expect(starts).toHaveLength(2);
		expect(starts[0]?.id).toBe(starts[1]?.id);
	});
});

describe("the chat", () => {
	it("sends with Enter, breaks with Shift, and leaves compositions alone", async () => {
		const { server, pass } = await show(true);
		await type(".composer-field", "hello");
		await press(".composer-field", "Enter", { shiftKey: true });
		await press(".composer-field", "Enter", { isComposing: true });
		expect(server.got("send")).toEqual([]);
		await press(".composer-field", "Enter");
		expect(texts(".bubble")).toEqual(["hello"]);
		expect($<HTMLTextAreaElement>(".composer-field").value).toBe("");
		await pass();
		expect(server.got("send").map((frame) => frame.body)).toEqual(["hello"]);
		expect(texts(".delivery")).toEqual(["Sent"]);
	});

	it("tells how far the last own message has come", async () => {
		const { server, model, pass } = await show(true);
		act(() => model.send("one"));
		await pass();
		act(() => model.send("two"));
		expect(texts(".delivery")).toEqual(["Sending"]);
		await pass();
		const tell = async (seq: number, delivered: number) => {
			server.tell({ type: "receipt", session: "chat", who: { kind: "agent" }, seq, delivered }, "chat");
			await pass();
			return texts(".delivery");
		};
		expect(await tell(2, 2)).toEqual(["Sent"]);
		expect(await tell(2, 3)).toEqual(["Delivered"]);
		expect(await tell(3, 3)).toEqual(["Read"]);
	});

	it("offers to send again, or to delete, what was refused", async () => {
		const { server, model, pass } = await show(true);
		server.refuse = () => ({ code: "invalid", retryable: false });
		act(() => model.send("bad"));
		await pass();
		expect(texts(".failed span")).toEqual(["Not sent."]);
		server.refuse = () => null;
		act(() => $(".failed-button").click());
		await pass();
		expect(texts(".failed")).toEqual([]);
		expect(texts(".delivery")).toEqual(["Sent"]);
	});

	it("counts down when it was too fast", async () => {
		const { server, model, pass } = await show(true);
		server.refuse = () => ({ code: "rate_limited", retryable: true, retry_after_ms: 8_000 });
		act(() => model.send("fast"));
		await pass();
		expect(texts(".delivery")).toEqual(["A little too fast. Sends in 8 seconds."]);
		server.refuse = () => null;
		await pass(3_000);
		expect(texts(".delivery")).toEqual(["A little too fast. Sends in 5 seconds."]);
		await pass(6_000);
		expect(texts(".delivery")).toEqual(["Sent"]);
	});

	it("speaks of an interruption only when it lasts, and says that it is over", async () => {
		const { server, model, pass } = await show(true);
		server.unreachable = true;
		server.tell({ type: "presence", session: "chat", who: ANA, online: true }, "chat");
		await pass();
		act(() => server.drop());
		act(() => model.send("later"));
		await pass(1_900);
		expect(texts(".bar")).toEqual([]);
		expect(texts(".delivery")).toEqual(["Sending"]);
		await pass(200);
		expect(texts(".bar")).toEqual(["Reconnecting. What you write will be sent."]);
		expect(texts(".delivery")).toEqual(["Sends when you are back online"]);
		server.unreachable = false;
		await pass(40_000);
		expect(texts(".bar")).toEqual([]);
		expect(texts("[aria-live=polite]")).toEqual(["Back online"]);
		expect(texts(".delivery")).toEqual(["Sent"]);
	});

	it("says once what has come, and who is here and writing", async () => {
		const { server, pass } = await show(true);
		server.chat("chat").change({ assignee: { id: ANA.id, name: ANA.name } });
		server.tell({ type: "session", session: server.chat("chat").summary });
		server.tell({ type: "presence", session: "chat", who: ANA, online: true }, "chat");
		server.tell({ type: "typing", session: "chat", who: ANA, on: true }, "chat");
		await pass();
		expect(texts(".header-name")).toEqual(["Ana"]);
		expect(texts(".header-line")).toEqual(["Tern & Tide · here now"]);
		expect(texts(".typing")).toEqual(["AAna is writing"]);
		server.say("chat", "Hi");
		await pass();
		expect(texts("[aria-live=polite]")).toEqual(["Ana: Hi"]);
		expect(texts(".typing")).toEqual([""]);
	});

	it("shows what came while it was closed, until it is opened or dismissed", async () => {
		const { server, model, pass } = await show(true);
		const bodies: (string | undefined)[] = [];
		model.preview.subscribe((entry) => bodies.push(entry?.body));
		server.say("chat", "while open");
		await pass();
		act(() => model.setOpen(false));
		server.say("chat", "one");
		server.say("chat", "two");
		await pass();
		act(() => model.dismiss());
		server.say("chat", "three");
		await pass();
		expect(model.unread.get()).toBe(3);
		act(() => model.setOpen(true));
		expect(bodies).toEqual(["one", "two", undefined, "three", undefined]);
	});

	it("counts what was not seen, and has it read once the panel shows it", async () => {
		const { server, platform, model, pass } = await show(true);
		act(() => model.setOpen(false));
		server.say("chat", "one");
		server.say("chat", "two");
		await pass();
		expect(model.unread.get()).toBe(2);
		platform.page("hidden");
		act(() => model.setOpen(true));
		await pass();
		expect(texts(".new-mark")).toEqual(["2 new"]);
		expect(server.got("read")).toEqual([]);
		act(() => platform.page("visible"));
		await pass();
		expect(model.unread.get()).toBe(0);
		expect(server.got("read").map((frame) => frame.seq)).toEqual([3]);
		expect(texts(".new-mark")).toEqual(["2 new"]);
	});

	it("shows what is left of the limit near its end, and does not send beyond", async () => {
		const { server, pass } = await show(true);
		await type(".composer-field", "ü".repeat(89));
		expect(texts(".composer-left")).toEqual([]);
		await type(".composer-field", "ü".repeat(95));
		expect(texts(".composer-left")).toEqual(["5 left"]);
		await type(".composer-field", "ü".repeat(101));
		expect(texts(".composer-left")).toEqual(["1 character too many"]);
		await press(".composer-field", "Enter");
		await pass();
		expect(server.got("send")).toEqual([]);
	});

	it("keeps what is being written over a reload", async () => {
		await show(true);
		await type(".composer-field", "half a sen");
		act(() => render(null, root));
		await show(true);
		expect($<HTMLTextAreaElement>(".composer-field").value).toBe("half a sen");
	});

	it("goes on in a new chat after the end, and remembers that one", async () => {
		const { server, model, store, pass } = await show(true);
		server.append("chat", (seq) => ({
			id: "end",
			seq,
			kind: "event",
			sender: ANA,
			body: "",
			attachments: [],
			event: { type: "closed", from: "in_progress" },
			created_at: new Date().toISOString(),
		}));
		server.chat("chat").change({ status: "closed" });
		await pass();
		expect(texts(".event")).toEqual(["Ana ended the chat. Write again to start a new one."]);
		act(() => model.send("again"));
		await pass();
		expect(texts(".event")).toEqual(["Ana ended the chat."]);
		expect(texts(".bubble")).toEqual(["again"]);
		expect(store.get()).toEqual({ token: "secret", session: "chat-next" });
	});

	it("greets while nothing was said", async () => {
		const { pass, submit } = await show(false);
		await type("[name=name]", "Ada");
		await type("[name=phone]", "+44 20 7946 0958");
		await submit();
		expect(texts(".greeting")).toEqual(["How can we help?"]);
		await type("textarea", "hello");
		await press("textarea", "Enter");
		await pass();
		expect(texts(".greeting")).toEqual([]);
	});

	it("asks again who is at the desk on being opened and on being looked at", async () => {
		const { model, platform, pass, site } = await show(false, { online: false });
		expect(texts(".header-line")).toEqual(["No one is at the desk just now"]);
		site.online = true;
		act(() => model.setOpen(false));
		act(() => platform.page("visible"));
		await pass();
		expect(model.desk.get().open).toBe(false);
		act(() => model.setOpen(true));
		await pass();
		expect(texts(".header-line")).toEqual(["We are here now"]);
		expect(texts(".form-lead")).toEqual(["Leave your number in case we get cut off."]);
		site.online = false;
		act(() => platform.page("visible"));
		await pass();
		expect(texts(".header-line")).toEqual(["No one is at the desk just now"]);
	});

	it("says when the shop opens again, and takes a message until then", async () => {
		const opens = new Date(2026, 10, 23, 9, 0);
		const closed = { open_now: false, opens_at: opens.toISOString() };
		const { platform, pass, submit, starts, site } = await show(false, closed);
		const back = backLabel(opens.getTime(), platform.now());
		expect(back).toContain(clock(opens.getTime()));
		expect(texts(".header-line")).toEqual([back]);
		expect(texts(".form-lead")).toEqual([`${back}. Leave a message, and we write back.`]);
		await type("[name=name]", "Ada");
		await type("[name=phone]", "+44 20 7946 0958");
		await type("[name=message]", "Are you there?");
		await submit();
		expect(starts).toHaveLength(1);
		expect(texts(".header-line")).toEqual([back]);
		site.open_now = true;
		site.opens_at = null;
		act(() => platform.page("visible"));
		await pass();
		expect(texts(".header-line")).toEqual(["We are here now"]);
	});

	it("asks again when the time has come", async () => {
		const { platform, pass, site, model } = await show(false, { open_now: false });
		const opens = platform.now() + 3_600_000;
		site.opens_at = new Date(opens).toISOString();
		act(() => platform.page("visible"));
		await pass();
		expect(model.desk.get()).toEqual({ open: false, opensAt: opens });
		site.open_now = true;
		site.opens_at = null;
		await pass(3_500_000);
		expect(model.desk.get().open).toBe(false);
		await pass(120_000);
		expect(model.desk.get()).toEqual({ open: true, opensAt: null });
	});

	it("goes back to the form when the credential opens nothing any more", async () => {
		const { server, store, pass } = await show(true);
		await act(() => server.bye(4500, "bad_credential", 0));
		await pass();
		expect(store.get()).toBe(null);
		expect(texts(".form-lead")[0]).toBe("Your last chat is not open here any more. You can start a new one.");
	});

	it("says when it is not wanted, and does not come back by itself", async () => {
		const { server, pass } = await show(true);
		await act(() => server.bye(4502, "replaced", 0));
		await pass(60_000);
		expect(texts(".bar p")).toEqual(["This chat goes on in another window."]);
		act(() => $(".bar button").click());
		await pass();
		expect(texts(".bar")).toEqual([]);
	});

	it("has no composer for whom the team has blocked, stays away, and knows nothing of it when loaded again", async () => {
		const { server, pass } = await show(true);
		const field = $(".composer-field");
		field.focus();
		await act(() => server.bye(4504, "blocked", 0));
		const asked = server.sockets.length;
		await pass(120_000);
		expect(texts("[role=status].shut")).toEqual(["The chat is not available here just now."]);
		expect(texts("[aria-live=polite]")).toEqual([""]);
		expect(document.activeElement).toBe($(".shut"));
		for (const gone of [".composer-field", ".bar", ".line-actions"]) expect(texts(gone)).toEqual([]);
		expect(server.sockets.length).toBe(asked);
		act(() => render(null, root));
		await show(true);
		expect(texts(".shut")).toEqual([]);
		expect($(".composer-field")).not.toBe(field);
	});

	it("closes with Escape", async () => {
		await show(true);
		await press(".composer-field", "Escape");
		expect(closed).toBe(1);
		expect($(".panel").dataset.open).toBe("false");
	});

	it("takes up a chat that another tab began", async () => {
		const { model, store, pass } = await show(false);
		act(() => model.setOpen(false));
		store.set({ token: "secret", session: "chat" });
		act(() => {
			window.dispatchEvent(new StorageEvent("storage", { key: "hubbub:demo" }));
		});
		await pass();
		expect(model.phase.get()).toEqual({ name: "chat" });
		expect(model.status.get().state).toBe("online");
		expect(CUSTOMER.id).toBe("contact-1");
	});
});

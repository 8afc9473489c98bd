import { describe, expect, it } from "vitest";
import { type Http, HttpError } from "../../client/index.js";
import type { AgentMe } from "../../protocol/types.js";
import { createAccount } from "./account.js";

const ana: AgentMe = {
	you: { kind: "agent", id: "a1", name: "Ana", role: "agent" },
	email: "ana@desk.example",
	password_change_required: false,
};

/** Answers each request by its method and path, in turn. */
function server(answers: Record<string, unknown[]>) {
	const asked: { to: string; body: unknown }[] = [];
	const answer = async (to: string, body?: unknown) => {
		asked.push({ to, body });
		const next = answers[to]?.shift();
		if (next instanceof HttpError) throw next;
		return next;
	};
	const http = {
		get: (path: string) => answer(`GET ${path}`),
		post: (path: string, body?: unknown) => answer(`POST ${path}`, body),
	} as unknown as Http;
	return { http, asked };
}

describe("an account", () => {
	it("is in when the cookie is good", async () => {
		const account = createAccount(server({ "GET /auth/me": [ana] }).http);
		expect(account.state.value.phase).toBe("checking");
		await account.check();
		expect(account.state.value).toEqual({ phase: "in", me: ana });
	});

	it("is out when there is none, and unreachable when nobody answers", async () => {
		const { http } = server({
			"GET /auth/me": [new HttpError(401, "unauthenticated", "Log in."), new HttpError(0, null, "Silence.")],
		});
		const account = createAccount(http);
		await account.check();
		expect(account.state.value).toEqual({ phase: "out", ended: false });
		await account.check();
		expect(account.state.value.phase).toBe("unreachable");
	});

	it("says what is wrong with a login, and when to try again", async () => {
		const { http } = server({
			"POST /auth/login": [
				new HttpError(401, "bad_login", "No."),
				new HttpError(429, "rate_limited", "Slow down.", [], 40_000),
				new HttpError(0, null, "Silence."),
				ana,
			],
		});
		const account = createAccount(http, () => 1_000);
		expect(await account.login("ana", "x")).toEqual({
			field: "password",
			message: "E-mail and password do not match.",
			retryAt: null,
		});
		expect((await account.login("ana", "x"))?.retryAt).toBe(41_000);
		expect((await account.login("ana", "x"))?.field).toBeNull();
		expect(await account.login("ana", "x")).toBeNull();
		expect(account.state.value.phase).toBe("in");
	});

	it("asks for a new password first, and remembers the one just typed", async () => {
		const { http, asked } = server({
			"POST /auth/login": [{ ...ana, password_change_required: true }],
			"POST /auth/password": [
				new HttpError(422, "invalid", "Bad.", [{ field: "new", message: "At least 10 characters." }]),
				undefined,
			],
			"GET /auth/me": [ana],
		});
		const account = createAccount(http);
		await account.login("ana", "first");
		expect(account.state.value).toMatchObject({ phase: "choosing_password", current: "first" });
		expect(await account.choosePassword("first", "short")).toMatchObject({
			field: "new",
			message: "At least 10 characters.",
		});
		expect(await account.choosePassword("first", "long enough it is")).toBeNull();
		expect(asked.find((one) => one.to === "POST /auth/password")?.body).toEqual({
			current: "first",
			new: "short",
		});
		expect(account.state.value.phase).toBe("in");
	});

	it("goes out by itself, when the server ends it, and only once in", async () => {
		const { http } = server({ "GET /auth/me": [ana], "POST /auth/logout": [undefined] });
		const account = createAccount(http);
		account.lost();
		expect(account.state.value.phase).toBe("checking");
		await account.check();
		account.lost();
		expect(account.state.value).toEqual({ phase: "out", ended: true });
		await account.logout();
		expect(account.state.value).toEqual({ phase: "out", ended: false });
	});

	it("stays in when logging out did not reach the server", async () => {
		const { http } = server({
			"GET /auth/me": [ana],
			"POST /auth/logout": [new HttpError(0, null, "Silence.")],
		});
		const account = createAccount(http);
		await account.check();
		expect(await account.logout()).not.toBeNull();
		expect(account.state.value.phase).toBe("in");
	});

	it("asks for the second factor only of who has one", async () => {
		const { http, asked } = server({
			"POST /auth/login": [new HttpError(401, "totp_required", "A code."), ana],
		});
		const account = createAccount(http);
		expect((await account.login("ana", "x"))?.field).toBe("totp");
		expect(await account.login("ana", "x", "123456")).toBeNull();
		expect(asked.map(({ body }) => body)).toEqual([
			{ email: "ana", password: "x" },
			{ email: "ana", password: "x", totp: "123456" },
		]);
	});

	it("comes in by a link, once", async () => {
		const link = { kind: "invitation", name: "Ana", email: "ana@desk.example" } as const;
		const expired = () => new HttpError(404, "link_expired", "Gone.");
		const { http } = server({
			"POST /auth/welcome": [link, expired(), new HttpError(0, null, "Silence.")],
			"POST /auth/welcome/accept": [
				new HttpError(422, "invalid", "No.", [{ field: "password", message: "is too easy" }]),
				expired(),
				ana,
			],
		});
		const account = createAccount(http);
		await account.openLink("secret");
		expect(account.state.value).toEqual({ phase: "welcome", token: "secret", link });
		const accept = { token: "secret", password: "terns and tides" };
		expect(await account.acceptLink(accept)).toEqual({ field: "new", message: "is too easy", retryAt: null });
		expect(await account.acceptLink(accept)).toBeNull();
		expect(account.state.value).toEqual({ phase: "welcome", token: "secret", link: null });
		expect(await account.acceptLink(accept)).toBeNull();
		expect(account.state.value.phase).toBe("in");
		await account.openLink("secret");
		expect(account.state.value).toEqual({ phase: "welcome", token: "secret", link: null });
		account.leaveLink();
		expect(account.state.value.phase).toBe("out");
		await account.openLink("secret");
		expect(account.state.value.phase).toBe("unreachable");
	});
});

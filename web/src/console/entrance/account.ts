/** Whether somebody is signed in, and how they come in and out. */

import { type ReadonlySignal, signal } from "@preact/signals";
import { type Http, HttpError } from "../../client/index.js";
import type { AcceptWelcome, AgentMe, Welcome } from "../../protocol/types.js";

/** Where the sign-in stands. */
export type AccountState =
	/** Asking the server who we are. */
	| { readonly phase: "checking" }
	/** The server did not answer that question. */
	| { readonly phase: "unreachable" }
	/** `ended`: there was a login, and the server no longer takes it. */
	| { readonly phase: "out"; readonly ended: boolean }
	/** Came by a link: an invitation, or a new password. Null: the link opens nothing any more. */
	| { readonly phase: "welcome"; readonly token: string; readonly link: Welcome | null }
	/** Nothing else works before. `current` is known to whoever has just typed it. */
	| { readonly phase: "choosing_password"; readonly me: AgentMe; readonly current: string | null }
	| { readonly phase: "in"; readonly me: AgentMe };

/** Why a form was not accepted. */
export interface Refusal {
	/** The field to put it at; null for the form as a whole. */
	readonly field: "email" | "password" | "totp" | "current" | "new" | null;
	readonly message: string;
	/** When the next try is welcome (ms since 1970). */
	readonly retryAt: number | null;
}

/** The agent's way in and out. */
export interface Account {
	readonly state: ReadonlySignal<AccountState>;
	/** Asks the server who we are. */
	check(): Promise<void>;
	/** Null when it worked; a refusal at `totp` asks for the code of the second factor. */
	login(email: string, password: string, totp?: string): Promise<Refusal | null>;
	/** Asks what the link is for that brought us here. */
	openLink(token: string): Promise<void>;
	/** Chooses a password by a link, and signs in. Null when it worked. */
	acceptLink(accept: AcceptWelcome): Promise<Refusal | null>;
	/** Leaves a link that opens nothing. */
	leaveLink(): void;
	/** Null when it worked. */
	choosePassword(current: string, chosen: string): Promise<Refusal | null>;
	/** Null when it worked. */
	logout(): Promise<Refusal | null>;
	/** The server no longer takes our login. The address and the drafts stay for when we are back. */
	lost(): void;
}

const CODE_ASKED = "Write the code that your authenticator app shows, or a recovery code.";
const CODE_WRONG = "This code does not fit. Each counts once: wait for the next one.";
const NO_ANSWER = "The server does not answer. Try again in a moment.";

/** An account by `http`, which carries the login cookie. */
export function createAccount(http: Http, now: () => number = Date.now): Account {
	const state = signal<AccountState>({ phase: "checking" });

	const enter = (me: AgentMe, current: string | null) => {
		state.value = me.password_change_required
			? { phase: "choosing_password", me, current }
			: { phase: "in", me };
	};

	const refusal = (
		error: unknown,
		field: Refusal["field"],
		words: Partial<Record<string, string>>,
	): Refusal => {
		if (!(error instanceof HttpError)) throw error;
		if (error.status === 0) return { field: null, message: NO_ANSWER, retryAt: null };
		const retryAt = error.retryAfterMs === null ? null : now() + error.retryAfterMs;
		const message = (error.code && words[error.code]) || error.errors[0]?.message || error.message;
		return { field: error.code && words[error.code] ? field : null, message, retryAt };
	};

	return {
		state,
		async check() {
			state.value = { phase: "checking" };
			try {
				enter(await http.get<AgentMe>("/auth/me"), null);
			} catch (error) {
				const out = error instanceof HttpError && error.status === 401;
				state.value = out ? { phase: "out", ended: false } : { phase: "unreachable" };
			}
		},
		async openLink(token) {
			state.value = { phase: "checking" };
			try {
				const link = await http.post<Welcome>("/auth/welcome", { token });
				state.value = { phase: "welcome", token, link };
			} catch (error) {
				const answered = error instanceof HttpError && error.status !== 0;
				state.value = answered ? { phase: "welcome", token, link: null } : { phase: "unreachable" };
			}
		},
		async acceptLink(accept) {
			try {
				enter(await http.post<AgentMe>("/auth/welcome/accept", accept), accept.password);
				return null;
			} catch (error) {
				if (error instanceof HttpError && error.code === "link_expired") {
					state.value = { phase: "welcome", token: accept.token, link: null };
					return null;
				}
				if (error instanceof HttpError && error.code === "invalid") {
					const fault = error.errors[0];
					const field = fault?.field === "totp" ? "totp" : "new";
					return { field, message: fault?.message ?? error.message, retryAt: null };
				}
				return refusal(error, "totp", {
					totp_required: CODE_ASKED,
					bad_login: CODE_WRONG,
					rate_limited: "Too many tries.",
				});
			}
		},
		leaveLink() {
			state.value = { phase: "out", ended: false };
		},
		async login(email, password, totp) {
			try {
				const login = totp ? { email, password, totp } : { email, password };
				enter(await http.post<AgentMe>("/auth/login", login), password);
				return null;
			} catch (error) {
				if (error instanceof HttpError && error.code === "totp_required") {
					return { field: "totp", message: CODE_ASKED, retryAt: null };
				}
				return refusal(error, "password", {
					bad_login: totp ? "Password or code do not fit." : "E-mail and password do not match.",
					rate_limited: "Too many tries.",
				});
			}
		},
		async choosePassword(current, chosen) {
			try {
				await http.post("/auth/password", { current, new: chosen });
				enter(await http.get<AgentMe>("/auth/me"), chosen);
				return null;
			} catch (error) {
				if (error instanceof HttpError && error.code === "invalid") {
					return { field: "new", message: error.errors[0]?.message ?? error.message, retryAt: null };
				}
				return refusal(error, "current", {
					bad_login: "This is not your password.",
					rate_limited: "Too many tries.",
				});
			}
		},
		async logout() {
			try {
				await http.post("/auth/logout");
			} catch (error) {
				// Refused as not signed in is what was asked for.
				if (!(error instanceof HttpError && error.status === 401)) return refusal(error, null, {});
			}
			state.value = { phase: "out", ended: false };
			return null;
		},
		lost() {
			if (state.value.phase === "in" || state.value.phase === "choosing_password") {
				state.value = { phase: "out", ended: true };
			}
		},
	};
}

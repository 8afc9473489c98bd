import {
	type AgentMe,
	CLOSE,
	type ClientFrame,
	type CustomerMe,
	type ErrorCode,
	type Follow,
	LIMITS,
	type PollAnswer,
	type PollRequest,
	type PollSession,
	type PollView,
	type SendMessage,
	type Sent,
	type SessionId,
	type View,
} from "../protocol/types.js";
import type { Platform } from "./api.js";
import { type HttpClient, HttpError } from "./http.js";
import { ABNORMAL, type Link, type LinkHandlers, type Loss, type Welcome } from "./link.js";
import { viewKey } from "./list.js";
import { Timer } from "./timer.js";

/** On top of the time that the server may hold the request. */
const GRACE_MS = 15_000;

/** Differs from every state, so that the first answer tells who is here even if nothing was said meanwhile. */
const UNKNOWN = "";

export interface LongPollOptions {
	readonly platform: Platform;
	readonly http: HttpClient;
	readonly customer: boolean;
	/** Where each followed session stands now. */
	follows(): readonly Follow[];
}

export function openLongPoll(options: LongPollOptions, handlers: LinkHandlers): Link {
	return new LongPollLink(options, handlers);
}

type SendFrame = Extract<ClientFrame, { type: "send" }>;

/** The same frames through plain requests: sends are posted, and one request at a time waits for news. */
class LongPollLink implements Link {
	readonly kind = "long_poll";
	readonly #options: LongPollOptions;
	readonly #handlers: LinkHandlers;
	readonly #sessions = new Map<SessionId, PollSession>();
	readonly #views = new Map<string, PollView>();
	readonly #pause: Timer;
	readonly #posts = new AbortController();
	#poll: AbortController | null = null;
	#up = false;
	#done = false;

	constructor(options: LongPollOptions, handlers: LinkHandlers) {
		this.#options = options;
		this.#handlers = handlers;
		this.#pause = new Timer(options.platform);
		for (const follow of options.follows()) this.#sessions.set(follow.id, { ...follow, state: UNKNOWN });
		void this.#begin();
	}

	send(frame: ClientFrame): boolean {
		if (!this.#up) return false;
		switch (frame.type) {
			case "send":
				void this.#post(frame);
				break;
			case "typing":
				this.#tell(`/sessions/${frame.session}/typing`, { on: frame.on });
				break;
			case "read":
				this.#tell(`/sessions/${frame.session}/read`, { seq: frame.seq });
				break;
			case "open": {
				const { type: _, session: id, ...cursor } = frame;
				this.#sessions.set(id, { id, ...cursor, state: UNKNOWN });
				this.#again();
				break;
			}
			case "leave":
				this.#sessions.delete(frame.session);
				break;
			case "watch": {
				const { type: _, ...asked } = frame;
				this.#views.set(viewKey(frame.view), asked);
				this.#again();
				break;
			}
			case "unwatch":
				this.#views.delete(viewKey(frame.view));
				break;
			case "hello":
			case "ping":
				break;
		}
		return true;
	}

	/** A held request proves nothing: a new one, answered at once, either gets through or fails. */
	probe(withinMs: number): void {
		if (this.#up) this.#again(0, withinMs);
	}

	close(): void {
		this.#done = true;
		this.#up = false;
		this.#pause.clear();
		this.#poll?.abort();
		this.#posts.abort();
	}

	async #begin(): Promise<void> {
		try {
			const welcome = await this.#whoAmI();
			if (this.#done) return;
			// Up only after a poll went through, so that what answers `/me` and nothing else is not taken for a link.
			const first = this.#sessions.size > 0 ? await this.#request(0, GRACE_MS) : null;
			if (this.#done) return;
			this.#up = true;
			this.#handlers.up(first === null ? welcome : { ...welcome, epoch: first.epoch });
			if (first !== null) this.#take(first);
			this.#again();
		} catch (error) {
			this.#failed(error);
		}
	}

	async #whoAmI(): Promise<Welcome> {
		if (!this.#options.customer) {
			const me = await this.#options.http.request<AgentMe>("GET", "/auth/me", { signal: this.#posts.signal });
			return { you: me.you, sessions: [], epoch: null };
		}
		const me = await this.#options.http.request<CustomerMe>("GET", "/me", { signal: this.#posts.signal });
		const you = { kind: "customer", id: me.contact.id, name: me.contact.name } as const;
		return { you, sessions: me.sessions, epoch: null };
	}

	/** Ends the request under way, if any, and asks anew: what is followed has changed. Cursors make that safe. */
	#again(waitS: number = LIMITS.pollWaitS, graceMs = GRACE_MS): void {
		if (this.#done) return;
		this.#pause.clear();
		this.#poll?.abort();
		this.#poll = null;
		// Not from within the caller: several changes in a row are one request.
		this.#pause.set(0, () => void this.#round(waitS, graceMs));
	}

	async #round(waitS: number = LIMITS.pollWaitS, graceMs = GRACE_MS): Promise<void> {
		if (this.#sessions.size === 0 && this.#views.size === 0) return;
		const poll = new AbortController();
		this.#poll = poll;
		try {
			const answer = await this.#request(waitS, graceMs, poll.signal);
			if (this.#poll !== poll || this.#done) return;
			this.#poll = null;
			this.#take(answer);
			// Taking it may have led to new follows, and with them to a request of its own.
			if (this.#poll === null && !this.#pause.pending && !this.#done) {
				this.#pause.set(answer.retry_after_ms, () => void this.#round());
			}
		} catch (error) {
			if (this.#poll === poll && !this.#lostFilter(error)) this.#failed(error);
		}
	}

	#request(waitS: number, graceMs: number, signal = this.#posts.signal): Promise<PollAnswer> {
		const body: PollRequest = {
			sessions: [...this.#sessions.values()],
			views: [...this.#views.values()],
			wait: waitS,
		};
		const timeoutMs = waitS * 1000 + graceMs;
		return this.#options.http.request<PollAnswer>("POST", "/events", { body, timeoutMs, signal });
	}

	#take(answer: PollAnswer): void {
		for (const events of answer.sessions) {
			const id = events.session.id;
			const asked = this.#sessions.get(id);
			if (asked === undefined) continue;
			const { last_seq: after, epoch, state } = events;
			this.#sessions.set(id, { id, after, epoch, state, ...(asked.unseen ? { unseen: true } : {}) });
			this.#handlers.event({ type: "polled", events });
		}
		for (const session of answer.missing) {
			if (this.#sessions.delete(session)) this.#handlers.event({ type: "missing", session });
		}
		const { missing_views: lost = [] } = answer;
		for (const view of lost) this.#lost(view, "not_found", "It is not there.");
		if (lost.length > 0) this.#handlers.event({ type: "views_changed" });
		for (const { version, ...list } of answer.views) {
			const key = viewKey(list.view);
			const asked = this.#views.get(key);
			if (asked === undefined) continue;
			this.#views.set(key, { ...asked, version });
			this.#handlers.event({ type: "listed", ...list });
		}
	}

	async #post({ id, session, body, attachments, note, mentions, after }: SendFrame): Promise<void> {
		const path = `/sessions/${session}/${note === true ? "notes" : "messages"}`;
		const message: SendMessage = { id, body };
		if (attachments !== undefined) message.attachments = attachments;
		if (mentions !== undefined) message.mentions = mentions;
		if (after !== undefined) message.after = after;
		try {
			const signal = this.#posts.signal;
			const sent = await this.#options.http.request<Sent>("POST", path, { body: message, signal });
			if (!this.#done) this.#handlers.event({ type: "ack", ...sent });
		} catch (error) {
			if (this.#done || !(error instanceof HttpError)) return;
			if (error.code === null) this.#handlers.event({ type: "unsent", id });
			else {
				this.#handlers.event({
					type: "error",
					code: error.code,
					message: error.message,
					id,
					session,
					retryable: error.retryable,
					...(error.retryAfterMs === null ? {} : { retry_after_ms: error.retryAfterMs }),
				});
			}
		}
	}

	#tell(path: string, body: unknown): void {
		// A signal: if it is lost, the next one mends it.
		this.#options.http.request("POST", path, { body, signal: this.#posts.signal }).catch(() => undefined);
	}

	/** A filter that cannot be asked for refuses the whole request, without saying which: all of them are left out. */
	#lostFilter(error: unknown): boolean {
		if (this.#done || !(error instanceof HttpError) || error.code !== "invalid") return false;
		const filters = [...this.#views.values()].filter(({ view }) => typeof view === "object");
		if (filters.length === 0) return false;
		this.#poll = null;
		for (const { view } of filters) this.#lost(view, error.code, error.message);
		this.#again();
		return true;
	}

	#lost(view: View, code: ErrorCode, message: string): void {
		if (!this.#views.delete(viewKey(view))) return;
		this.#handlers.event({ type: "error", code, message, view, retryable: false });
	}

	#failed(error: unknown): void {
		if (this.#done) return;
		this.close();
		this.#handlers.down(lossOf(error));
	}
}

/** The close code that a WebSocket would have ended with. */
function lossOf(error: unknown): Loss {
	if (!(error instanceof HttpError)) return { code: ABNORMAL, reason: null, retryAfterMs: null };
	const loss = (code: number, reason: string | null): Loss => ({
		code,
		reason,
		retryAfterMs: error.retryAfterMs,
	});
	if (error.code === "origin_refused") return loss(CLOSE.ORIGIN_REFUSED, "origin_refused");
	if (error.status === 401 || error.status === 403) return loss(CLOSE.BAD_CREDENTIAL, "bad_credential");
	if (error.status === 429) return loss(CLOSE.RATE_LIMITED, "rate_limited");
	if (error.status === 503) return loss(CLOSE.OVERLOADED, "overloaded");
	return loss(ABNORMAL, null);
}

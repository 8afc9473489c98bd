import { type ClientFrame, SUBPROTOCOL } from "../protocol/types.js";
import type { Platform, Socket } from "./api.js";
import { parseFrame } from "./frames.js";
import { ABNORMAL, codeOf, type Link, type LinkHandlers } from "./link.js";
import { Timer } from "./timer.js";

/** From the first byte to `welcome`; a proxy that swallows the upgrade must not cost a minute. */
const WELCOME_MS = 8_000;
const PONG_MS = 10_000;
/** A server that said `bye` closes at once; if its close frame is lost we do not wait for the TCP stack. */
const BYE_MS = 3_000;
/** A timer this late means that the page was frozen, and that answers may still wait behind it. */
const LATE_MS = 2_000;
const HEARTBEAT_MISSED = 4000;

export interface WebSocketOptions {
	readonly platform: Platform;
	readonly url: string;
	/** Asked when the socket is open, so that its cursors are the newest. */
	hello(): ClientFrame;
}

export function openWebSocket(options: WebSocketOptions, handlers: LinkHandlers): Link {
	return new WebSocketLink(options, handlers);
}

class WebSocketLink implements Link {
	readonly kind = "websocket";
	readonly #platform: Platform;
	readonly #handlers: LinkHandlers;
	readonly #deadline: Timer;
	readonly #beat: Timer;
	#socket: Socket | null = null;
	#up = false;
	#done = false;
	#bye: { readonly reason: string; readonly retryAfterMs: number } | null = null;
	#heartbeatMs = 25_000;

	constructor(options: WebSocketOptions, handlers: LinkHandlers) {
		this.#platform = options.platform;
		this.#handlers = handlers;
		this.#deadline = new Timer(options.platform);
		this.#beat = new Timer(options.platform);
		try {
			const socket = options.platform.openSocket(options.url, SUBPROTOCOL);
			this.#socket = socket;
			socket.onopen = () => this.#transmit(options.hello());
			socket.onmessage = (data) => this.#received(data);
			socket.onclose = (code) => this.#ended(code);
			this.#deadline.set(WELCOME_MS, () => this.#drop(ABNORMAL));
		} catch {
			// Forbidden by the page's policy, or not there at all. Told later, so that nobody hears of a link
			// that they do not hold yet.
			this.#deadline.set(0, () => this.#ended(ABNORMAL));
		}
	}

	send(frame: ClientFrame): boolean {
		return this.#up && this.#transmit(frame);
	}

	probe(withinMs: number): void {
		this.#ask(withinMs, true);
	}

	close(): void {
		this.#finish();
		this.#socket?.close(1000);
	}

	#transmit(frame: ClientFrame): boolean {
		try {
			this.#socket?.send(JSON.stringify(frame));
			return this.#socket !== null;
		} catch {
			return false;
		}
	}

	#received(data: unknown): void {
		if (this.#done) return;
		const frame = parseFrame(data);
		// Any frame is a sign of life, known or not.
		if (this.#up && this.#bye === null) this.#deadline.clear();
		if (frame === null || frame.type === "pong") return;
		if (frame.type === "bye") {
			this.#bye = { reason: frame.reason, retryAfterMs: frame.retry_after_ms };
			this.#deadline.set(BYE_MS, () => this.#drop(codeOf(frame.reason)));
			return;
		}
		if (frame.type === "welcome") {
			if (this.#up) return;
			this.#up = true;
			this.#deadline.clear();
			if (frame.heartbeat_s > 0) this.#heartbeatMs = frame.heartbeat_s * 1000;
			this.#keepAlive();
			this.#handlers.up({ you: frame.you, sessions: frame.sessions, epoch: frame.epoch });
			return;
		}
		// An error before `welcome` is about the `hello`; the close that follows says what to do.
		if (this.#up) this.#handlers.event(frame);
	}

	#keepAlive(): void {
		this.#beat.set(this.#heartbeatMs, () => {
			// Hidden pages are throttled, and the browser answers the server's pings for them.
			if (this.#platform.visible()) this.#ask(PONG_MS, true);
			this.#keepAlive();
		});
	}

	#ask(withinMs: number, patient: boolean): void {
		if (!this.#up || this.#done || this.#bye !== null) return;
		this.#transmit({ type: "ping" });
		const due = this.#platform.now() + withinMs;
		this.#deadline.set(withinMs, () => {
			const frozen = this.#platform.now() - due > LATE_MS;
			if (frozen && patient) this.#ask(withinMs, false);
			else this.#drop(HEARTBEAT_MISSED);
		});
	}

	/** Gives the socket up from our side. */
	#drop(code: number): void {
		const socket = this.#socket;
		this.#ended(code);
		socket?.close(code >= 4000 && code < 4500 ? code : 1000);
	}

	#ended(code: number): void {
		if (this.#done) return;
		this.#finish();
		const told = this.#bye;
		this.#handlers.down({
			// Without a close frame, the `bye` is the last word.
			code: told !== null && (code === ABNORMAL || code === 1005) ? codeOf(told.reason) : code,
			reason: told?.reason ?? null,
			retryAfterMs: told?.retryAfterMs ?? null,
		});
	}

	#finish(): void {
		this.#done = true;
		this.#up = false;
		this.#deadline.clear();
		this.#beat.clear();
		if (this.#socket !== null) {
			this.#socket.onopen = null;
			this.#socket.onmessage = null;
			this.#socket.onclose = null;
		}
	}
}

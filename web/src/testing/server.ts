import type { Socket } from "../client/api.js";
import type {
	ClientFrame,
	Entry,
	ErrorCode,
	Follow,
	PollAnswer,
	PollRequest,
	ServerFrame,
	SessionEvents,
	You,
} from "../protocol/types.js";
import { FakeChat } from "./chat.js";
import type { ManualClock } from "./clock.js";
import { ANA, CUSTOMER, makeEvent, makeMessage } from "./make.js";

type Sending = Pick<Extract<ClientFrame, { type: "send" }>, "id" | "session" | "body" | "note">;

interface Refusal {
	readonly code: ErrorCode;
	readonly retryable: boolean;
	readonly retry_after_ms?: number;
}

/** A server of one process and a few chats, with knobs for what goes wrong. */
export class FakeServer {
	readonly chats = new Map<string, FakeChat>();
	epoch = "epoch-1";
	you: You = CUSTOMER;
	/** Nothing gets through, in either direction. */
	unreachable = false;
	/** Upgrades fail, as behind a proxy that does not know them. */
	upgradesFail = false;
	/** Upgrades are neither accepted nor refused. */
	upgradesHang = false;
	/** Sends are stored, and their answers lost. */
	acksLost = false;
	/** Asked for each send; an answer refuses it. */
	refuse: (send: Sending) => Refusal | null = () => null;
	/** Greets a connection with a close instead of `welcome`. */
	turnAway: { readonly code: number; readonly reason: string; readonly retry_after_ms: number } | null = null;
	/** Opening a session fails for the moment. */
	storeDown = false;
	/** A saved view that is not there any more. */
	goneView: string | null = null;
	/** What polls asked of lists, the last time. */
	polledViews: PollRequest["views"] = [];
	/** Requests are answered 401. */
	tokenRefused = false;
	/** Most entries in an `opened` or in an answer. */
	page = 50;
	readonly frames: ClientFrame[] = [];
	readonly requests: string[] = [];
	readonly sockets: FakeSocket[] = [];
	#mute = false;
	#unheard: { readonly socket: FakeSocket; readonly frame: ClientFrame }[] = [];
	#polls: { readonly look: () => void }[] = [];

	constructor(...ids: string[]) {
		for (const id of ids) this.chats.set(id, new FakeChat(id));
	}

	/** Frames stay on their way, and arrive when it is over. */
	set mute(mute: boolean) {
		this.#mute = mute;
		for (const { socket, frame } of mute ? [] : this.#unheard.splice(0)) {
			if (socket.state === "open") this.frame(socket, frame);
		}
	}

	chat(id: string): FakeChat {
		const chat = this.chats.get(id);
		if (chat === undefined) throw new Error(`no chat ${id}`);
		return chat;
	}

	/** Frames that came, of one type. */
	got<T extends ClientFrame["type"]>(type: T): Extract<ClientFrame, { type: T }>[] {
		return this.frames.filter((frame): frame is Extract<ClientFrame, { type: T }> => frame.type === type);
	}

	get live(): FakeSocket[] {
		return this.sockets.filter((socket) => socket.state === "open");
	}

	/** An agent writes. */
	say(id: string, body: string): Entry {
		return this.append(id, (seq) => makeMessage(seq, body, ANA, `${id}-${seq}`));
	}

	append(id: string, make: (seq: number) => Entry): Entry {
		const entry = this.chat(id).append(make);
		this.tell({ type: "entry", session: id, entry }, id);
		this.wake();
		return entry;
	}

	/** A frame to every socket that follows the chat, or to all. */
	tell(frame: ServerFrame, id?: string): void {
		for (const socket of this.live) {
			if (socket.greeted && (id === undefined || socket.follows.has(id))) socket.tell(frame);
		}
	}

	/** Something changed that held requests wait for. */
	wake(): void {
		for (const poll of [...this.#polls]) poll.look();
	}

	/** The network breaks under every socket. */
	drop(): void {
		for (const socket of this.live) socket.end(1006);
	}

	/** The server closes, having said so. */
	bye(code: number, reason: string, retry_after_ms: number): void {
		for (const socket of this.live) {
			socket.tell({ type: "bye", reason, retry_after_ms });
			socket.end(code);
		}
	}

	connect(_url: string, protocol: string, clock: ManualClock): Socket {
		if (protocol !== "hubbub.v1") throw new Error(`unknown protocol ${protocol}`);
		const socket = new FakeSocket(this, clock);
		this.sockets.push(socket);
		clock.after(0, () => {
			if (socket.state !== "connecting" || this.upgradesHang) return;
			if (this.unreachable || this.upgradesFail) socket.end(1006);
			else socket.open();
		});
		return socket;
	}

	frame(socket: FakeSocket, frame: ClientFrame): void {
		// A connection that lost one frame brings no other: it is dead, though nobody may have noticed.
		socket.broken ||= this.unreachable;
		if (socket.broken) return;
		if (this.#mute) {
			this.#unheard.push({ socket, frame });
			return;
		}
		this.frames.push(frame);
		if (frame.type === "hello") {
			if (this.turnAway !== null) {
				const { code, reason, retry_after_ms } = this.turnAway;
				socket.tell({ type: "bye", reason, retry_after_ms });
				socket.end(code);
				return;
			}
			socket.greeted = true;
			const sessions =
				this.you.kind === "customer" ? [...this.chats.values()].map((chat) => chat.summary) : [];
			const time = "2026-01-05T09:00:00.000Z";
			const { you, epoch } = this;
			socket.tell({ type: "welcome", connection: "c", you, epoch, heartbeat_s: 25, time, sessions });
			for (const follow of frame.sessions ?? []) this.#open(socket, follow);
		} else if (frame.type === "open") {
			const { session: id, type: _, ...cursor } = frame;
			this.#open(socket, { id, ...cursor });
		} else if (frame.type === "leave") socket.follows.delete(frame.session);
		else if (frame.type === "ping") socket.tell({ type: "pong" });
		else if (frame.type === "send") {
			const answer = this.#store(frame);
			if (!this.acksLost) socket.tell(answer);
		} else if (frame.type === "watch" && this.storeDown) {
			const code = "store_unavailable";
			socket.tell({ type: "error", code, message: "Later.", view: frame.view, retryable: true });
		} else if (frame.type === "watch") {
			const sessions = [...this.chats.values()].map((chat) => chat.summary);
			const { view } = frame;
			const total = sessions.length;
			socket.tell({ type: "listed", view, sort: "recent", sessions, total, more: false });
		}
	}

	async fetch(url: string, init: RequestInit, clock: ManualClock): Promise<Response> {
		const path = new URL(url).pathname.replace("/api/v1", "");
		this.requests.push(`${init.method} ${path}`);
		if (this.unreachable) throw new TypeError("network");
		if (this.tokenRefused) return answer(401, { code: "unauthenticated", detail: "No." });
		const body: unknown = typeof init.body === "string" ? JSON.parse(init.body) : undefined;
		if (path === "/me") {
			const sessions = [...this.chats.values()].map((chat) => chat.summary);
			return answer(200, { contact: { id: this.you.id, name: this.you.name, verified: false }, sessions });
		}
		if (path === "/auth/me") return answer(200, { you: this.you });
		if (path === "/events") {
			this.polledViews = (body as PollRequest).views ?? [];
			const bad = this.polledViews.some(({ view }) => typeof view === "object" && view.tag === "bad");
			if (bad) return answer(422, { code: "invalid", detail: "No such filter." });
		}
		if (path === "/events") return await this.#poll(body as PollRequest, clock, init.signal ?? null);
		const [, , session = "", what] = path.split("/");
		if (what === "entries") return answer(200, this.#history(session, new URL(url).searchParams));
		const frame = { ...(body as object), session, type: what === "messages" ? "send" : what } as ClientFrame;
		this.frames.push(frame);
		if (frame.type !== "send") return answer(204, undefined);
		const stored = this.#store(frame);
		if (this.acksLost) throw new TypeError("network");
		if (stored.type === "ack") return answer(201, stored);
		const { retry_after_ms, ...problem } = stored;
		return answer(retry_after_ms === undefined ? 422 : 429, problem, (retry_after_ms ?? 0) / 1000);
	}

	#open(socket: FakeSocket, follow: Follow): void {
		const chat = this.chats.get(follow.id);
		if (chat === undefined) {
			const message = "Not here.";
			socket.tell({ type: "error", code: "not_found", message, session: follow.id, retryable: false });
			return;
		}
		if (this.storeDown) {
			const code = "store_unavailable";
			socket.tell({ type: "error", code, message: "Later.", session: follow.id, retryable: true });
			return;
		}
		socket.follows.add(follow.id);
		const page = chat.after(follow, this.epoch, this.page);
		socket.tell({ type: "opened", session: chat.summary, ...page });
		for (const entry of chat.entries.filter((one) => one.seq > (page.entries.at(-1)?.seq ?? 0))) {
			if (page.entries.length === this.page) socket.tell({ type: "entry", session: follow.id, entry });
		}
	}

	#store({ id, session, body, note }: Sending): Extract<ServerFrame, { type: "ack" | "error" }> {
		const refusal = this.refuse({ id, session, body });
		if (refusal !== null) return { type: "error", message: "Refused.", id, session, ...refusal };
		let chat = this.chat(session);
		const found = [...this.chats.values()].find((one) => one.entries.some((entry) => entry.id === id));
		if (found === undefined && chat.summary.status === "closed") chat = this.#continue(chat);
		const stored = found ?? chat;
		const before = stored.entries.find((entry) => entry.id === id);
		const sender = this.you.kind === "customer" ? CUSTOMER : ANA;
		const entry =
			before ??
			this.append(stored.id, (seq) => ({
				...makeMessage(seq, body, sender, id),
				kind: note === true ? "note" : "message",
			}));
		const { seq, created_at } = entry;
		return { type: "ack", id, session: stored.id, seq, created_at, duplicate: before !== undefined };
	}

	#continue(closed: FakeChat): FakeChat {
		const next = new FakeChat(`${closed.id}-next`);
		this.chats.set(next.id, next);
		this.append(closed.id, (seq) => makeEvent(seq, { type: "continued", session_id: next.id }));
		return next;
	}

	#history(id: string, query: URLSearchParams) {
		const before = Number(query.get("before"));
		const items = this.chat(id).entries.filter((entry) => entry.seq < before);
		return { items: items.slice(-Number(query.get("limit"))), next_cursor: null, total: items.length };
	}

	#poll(request: PollRequest, clock: ManualClock, signal: AbortSignal | null): Promise<Response> {
		return new Promise((resolve, reject) => {
			const end = (): void => {
				this.#polls = this.#polls.filter((one) => one !== poll);
				cancel();
			};
			const poll = {
				look: (): void => {
					const news = this.#news(request);
					if (news === null) return;
					end();
					resolve(answer(200, news));
				},
			};
			const cancel = clock.after((request.wait ?? 25) * 1000, () => {
				end();
				resolve(answer(200, this.#news(request) ?? this.#answer([], [])));
			});
			signal?.addEventListener("abort", () => {
				end();
				reject(new DOMException("aborted", "AbortError"));
			});
			this.#polls.push(poll);
			poll.look();
		});
	}

	#news(request: PollRequest): PollAnswer | null {
		const missing = (request.sessions ?? []).filter(({ id }) => !this.chats.has(id)).map(({ id }) => id);
		const sessions: SessionEvents[] = [];
		for (const follow of request.sessions ?? []) {
			const chat = this.chats.get(follow.id);
			if (chat === undefined) continue;
			const { entries, reset } = chat.after(follow, this.epoch, this.page);
			const fresh = reset || follow.after === undefined;
			// Who does not say what it knows is told of what changes from now on.
			const known = follow.state === undefined || follow.state === chat.state;
			if (entries.length === 0 && !fresh && known) continue;
			sessions.push(chat.events(entries, fresh, this.epoch));
		}
		const gone = (request.views ?? []).flatMap(({ view }) => (view === this.goneView ? [view] : []));
		if (sessions.length + missing.length + gone.length === 0) return null;
		return { ...this.#answer(sessions, missing), missing_views: gone };
	}

	#answer(sessions: SessionEvents[], missing: string[]): PollAnswer {
		return { epoch: this.epoch, sessions, views: [], missing, retry_after_ms: 0 };
	}
}

export class FakeSocket implements Socket {
	onopen: (() => void) | null = null;
	onmessage: ((data: unknown) => void) | null = null;
	onclose: ((code: number) => void) | null = null;
	state: "connecting" | "open" | "closed" = "connecting";
	greeted = false;
	/** Something was lost on it, so that nothing comes any more. */
	broken = false;
	/** What the client closed it with. */
	closedWith: number | null = null;
	readonly follows = new Set<string>();
	readonly #server: FakeServer;
	readonly #clock: ManualClock;

	constructor(server: FakeServer, clock: ManualClock) {
		this.#server = server;
		this.#clock = clock;
	}

	open(): void {
		this.state = "open";
		this.onopen?.();
	}

	/** Frames arrive a moment later, in order, as from a network. */
	tell(frame: ServerFrame): void {
		const text = JSON.stringify(frame);
		this.#clock.after(0, () => {
			this.broken ||= this.#server.unreachable;
			if (!this.broken) this.onmessage?.(text);
		});
	}

	end(code: number): void {
		this.state = "closed";
		this.#clock.after(0, () => this.onclose?.(code));
	}

	send(text: string): void {
		if (this.state !== "open") throw new Error("not open");
		const frame = JSON.parse(text) as ClientFrame;
		this.#clock.after(0, () => {
			if (this.state === "open") this.#server.frame(this, frame);
		});
	}

	close(code = 1000): void {
		this.closedWith = code;
		this.state = "closed";
	}
}

/** As much of a `Response` as is looked at, without the streams that would need real time. */
function answer(status: number, body: unknown, retryAfterS = 0): Response {
	const headers = new Headers(retryAfterS > 0 ? { "Retry-After": String(retryAfterS) } : {});
	const text = body === undefined ? "" : JSON.stringify(body);
	return { ok: status < 300, status, headers, text: async () => text } as Response;
}

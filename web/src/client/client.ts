import type {
	ClientFrame,
	Entry,
	Epoch,
	Notification,
	ServerFrame,
	SessionId,
	SessionSummary,
	View,
	You,
} from "../protocol/types.js";
import type {
	Client,
	ClientOptions,
	KnownSession,
	ListStream,
	Observable,
	OfferNews,
	OpenOptions,
	SessionStream,
	Status,
	TeamState,
} from "./api.js";
import { Connection } from "./connection.js";
import { DurableStore } from "./durable.js";
import { createHttp, type HttpClient } from "./http.js";
import type { LinkEvent, Welcome } from "./link.js";
import type { Lists } from "./lists.js";
import { openLongPoll } from "./longpoll.js";
import { Signal, Value } from "./observable.js";
import { Outboxes } from "./outboxes.js";
import { Session, type SessionHost } from "./session.js";
import { newerSummary } from "./snapshot.js";
import { sessionStream, type Used } from "./streams.js";
import { openWebSocket } from "./websocket.js";

const LIST_LIMIT = 100;
/** Before a frame is tried again that was refused for the moment, if the server did not say how long. */
const RETRY_MS = 1_000;

export function createClient(options: ClientOptions): Client {
	return new ChatClient(options);
}

class ChatClient implements Client {
	readonly status: Observable<Status>;
	readonly away: Observable<boolean>;
	readonly you = new Value<You | null>(null);
	readonly sessions = new Value<readonly SessionSummary[]>([]);
	readonly http: HttpClient;
	readonly #options: ClientOptions;
	readonly #connection: Connection;
	readonly #outboxes: Outboxes;
	readonly #sessions = new Map<SessionId, Used<Session>>();
	readonly #lists: Lists | null;
	readonly #summaries = new Signal<[SessionSummary]>();
	readonly #entries = new Signal<[SessionId, Entry]>();
	readonly #team = new Signal<[TeamState]>();
	readonly #notifications = new Signal<[Notification]>();
	readonly #offers = new Signal<[OfferNews]>();
	readonly #views = new Signal<[]>();
	#epoch: Epoch | null = null;

	constructor(options: ClientOptions) {
		this.#options = options;
		const { platform, baseUrl, token } = options;
		this.http = createHttp({ baseUrl, token, platform });
		const lists = options.lists;
		this.#lists =
			lists === undefined
				? null
				: lists({
						platform,
						transmit: (frame) => this.#connection.send(frame),
						known: (session) => this.#sessions.get(session)?.it.snapshot.get().summary ?? null,
					});
		this.#outboxes = new Outboxes({
			owner: options.owner,
			platform,
			store: new DurableStore(platform.storage, platform),
			transmit: (frame) => this.#connection.send(frame),
			changed: (session, items) => this.#sessions.get(session)?.it.outboxChanged(items),
			shown: (session) => this.#sessions.has(session),
		});
		this.#connection = new Connection({
			platform,
			open: (kind, handlers) =>
				kind === "websocket"
					? openWebSocket({ platform, url: socketUrl(baseUrl), hello: () => this.#hello() }, handlers)
					: openLongPoll(
							{ platform, http: this.http, customer: this.#isCustomer, follows: () => this.#follows() },
							handlers,
						),
			up: (welcome) => this.#up(welcome),
			event: (event) => this.#event(event),
			down: () => this.#down(),
		});
		this.status = this.#connection.status;
		this.away = this.#connection.away;
		this.away.subscribe((away) => {
			if (away) for (const { it } of this.#sessions.values()) it.away();
		});
	}

	get #isCustomer(): boolean {
		return this.#options.token !== undefined;
	}

	start(): void {
		void this.#outboxes.restore();
		this.#connection.start();
	}

	stop(): void {
		this.#connection.stop();
	}

	retryNow(): void {
		this.#connection.retryNow();
	}

	openSession(id: SessionId, { known, unseen }: OpenOptions = {}): SessionStream {
		return sessionStream(this.#follow(id, known, unseen).it, this.#outboxes.of(id), {
			leave: () => this.#leave(id),
			next: () => this.#next(id),
		});
	}

	watch(view: View, limit: number = LIST_LIMIT): ListStream {
		if (this.#lists === null) throw new Error("a client without lists");
		return this.#lists.watch(view, limit);
	}

	onSession(listener: (summary: SessionSummary) => void): () => void {
		return this.#summaries.subscribe(listener);
	}

	onEntry(listener: (session: SessionId, entry: Entry) => void): () => void {
		return this.#entries.subscribe(listener);
	}

	onOffer(listener: (news: OfferNews) => void): () => void {
		return this.#offers.subscribe(listener);
	}

	onViews(listener: () => void): () => void {
		return this.#views.subscribe(listener);
	}

	onTeam(listener: (state: TeamState) => void): () => void {
		return this.#team.subscribe(listener);
	}

	onNotification(listener: (notification: Notification) => void): () => void {
		return this.#notifications.subscribe(listener);
	}

	#follow(id: SessionId, known?: KnownSession, unseen = false): Used<Session> {
		let used = this.#sessions.get(id);
		if (used === undefined) {
			const host: SessionHost = {
				platform: this.#options.platform,
				http: this.http,
				transmit: (frame) => this.#connection.send(frame),
				you: () => this.you.get(),
				summary: (summary) => this.#summary(summary),
				arrived: (entries) => this.#outboxes.arrived(entries),
				continued: (from, to) => this.#continued(from, to, null),
			};
			const session = new Session(id, this.#outboxes.of(id), host, unseen);
			used = { it: session, uses: 0 };
			this.#sessions.set(id, used);
			if (known !== undefined) session.begin(known);
			const { id: _, ...cursor } = session.cursor();
			this.#connection.send({ type: "open", session: id, ...cursor });
			this.#outboxes.of(id).resume();
		}
		used.uses += 1;
		return used;
	}

	#leave(id: SessionId): void {
		const used = this.#sessions.get(id);
		if (used === undefined) return;
		used.uses -= 1;
		if (used.uses > 0) return;
		this.#sessions.delete(id);
		used.it.close();
		this.#connection.send({ type: "leave", session: id });
		this.#outboxes.of(id).dropSent();
		// The session that carries on was followed on this one's behalf.
		const next = used.it.snapshot.get().continuedBy;
		if (next !== null && used.holdsNext === true) this.#leave(next);
	}

	#hello(): ClientFrame {
		const { token, clientName: name, clientVersion: version = "0" } = this.#options;
		return {
			type: "hello",
			...(token === undefined ? {} : { token }),
			sessions: [...this.#follows()],
			client: { name, version },
		};
	}

	#follows() {
		return [...this.#sessions.values()].map(({ it }) => it.cursor());
	}

	#up(welcome: Welcome): void {
		this.#epoch = welcome.epoch;
		this.you.set(welcome.you);
		for (const summary of welcome.sessions) this.#ownSummary(summary);
		for (const { it } of this.#sessions.values()) it.connected();
		this.#lists?.up();
		this.#outboxes.resume();
	}

	#down(): void {
		this.#lists?.down();
		for (const { it } of this.#sessions.values()) it.disconnected();
		this.#outboxes.pause();
	}

	#event(event: LinkEvent): void {
		switch (event.type) {
			case "opened":
				this.#sessions.get(event.session.id)?.it.opened(event, this.#epoch);
				break;
			case "polled": {
				const id = event.events.session.id;
				const news = this.#sessions.get(id)?.it.polled(event.events) ?? [];
				for (const entry of news) this.#entries.emit(id, entry);
				break;
			}
			case "entry":
				if (this.#sessions.get(event.session)?.it.entry(event.entry) === true) {
					this.#entries.emit(event.session, event.entry);
				}
				break;
			case "ack":
				this.#acked(event);
				break;
			case "unsent":
				this.#outboxes.unanswered(event.id);
				break;
			case "error":
				this.#refused(event);
				break;
			case "typing":
				this.#sessions.get(event.session)?.it.typingSignal(event.who, event.on);
				break;
			case "presence":
				this.#sessions.get(event.session)?.it.presenceSignal(event.who, event.online);
				break;
			case "receipt":
				this.#sessions.get(event.session)?.it.receiptSignal(event.who, event.seq, event.delivered);
				break;
			case "session":
				this.#summary(event.session);
				break;
			case "listed":
				this.#lists?.listed(event);
				break;
			case "added":
				this.#lists?.added(event);
				break;
			case "removed":
				this.#lists?.removed(event);
				break;
			case "views_changed":
				this.#views.emit();
				break;
			case "queue":
				this.#sessions.get(event.session)?.it.placed(event);
				break;
			case "queue_left":
				this.#sessions.get(event.session)?.it.placed(null);
				break;
			case "offer":
			case "offer_ended":
				this.#offers.emit(event);
				break;
			case "availability":
				this.#team.emit(event);
				break;
			case "notification":
				this.#notifications.emit(event.notification);
				break;
			case "missing":
				this.#sessions.get(event.session)?.it.missing();
				break;
			case "welcome":
			case "pong":
			case "bye":
				break;
		}
	}

	#summary(summary: SessionSummary): void {
		this.#sessions.get(summary.id)?.it.summary(summary);
		this.#lists?.summary(summary, this.you.get());
		this.#ownSummary(summary);
		this.#summaries.emit(summary);
	}

	#ownSummary(summary: SessionSummary): void {
		if (!this.#isCustomer) return;
		const before = this.sessions.get();
		const known = before.find((session) => session.id === summary.id) ?? null;
		const newer = newerSummary(known, summary);
		if (newer === known) return;
		const all = [...before.filter((session) => session !== known), newer];
		this.sessions.set(all.sort((a, b) => (a.created_at < b.created_at ? 1 : -1)));
	}

	#acked(ack: Extract<ServerFrame, { type: "ack" }>): void {
		const writtenIn = this.#outboxes.acked(ack);
		if (writtenIn !== null) this.#continued(writtenIn, ack.session, ack.id);
	}

	#refused(error: Extract<ServerFrame, { type: "error" }>): void {
		const { id, session, view, code, retryable, retry_after_ms } = error;
		if (id !== undefined) {
			this.#outboxes.refused(id, error);
			return;
		}
		const waitMs = retry_after_ms ?? RETRY_MS * (1 + this.#options.platform.random());
		if (view !== undefined) this.#lists?.refused(view, code, retryable ? waitMs : null);
		else if (session === undefined) return;
		else if (retryable) this.#sessions.get(session)?.it.refused(waitMs);
		else if (code === "not_found") this.#sessions.get(session)?.it.missing();
	}

	/** The chat goes on in another session, and with it what was still to be said. */
	#continued(from: SessionId, to: SessionId, sent: string | null): void {
		const used = this.#sessions.get(from);
		// An agent reading an old chat has not asked for all that came after it.
		if (used !== undefined && (this.#isCustomer || sent !== null) && used.holdsNext !== true) {
			used.holdsNext = true;
			this.#follow(to);
			used.it.continueIn(to);
		}
		if (!this.#isCustomer && sent === null) return;
		this.#outboxes.handOver(from, to, sent);
	}

	/** Where something written to `id` is to go. */
	#next(id: SessionId): Session | null {
		const used = this.#sessions.get(id);
		const to = used?.holdsNext === true ? used.it.snapshot.get().continuedBy : null;
		return to === null ? null : (this.#sessions.get(to)?.it ?? null);
	}
}

function socketUrl(baseUrl: string): string {
	const base = baseUrl === "" ? globalThis.location.origin : baseUrl;
	return `${base.replace(/^http/, "ws")}/ws`;
}

/** The widget without its looks: which chat there is, what state it is in, what of it was seen. */
import type {
	Client,
	Http,
	KnownSession,
	Platform,
	SessionSnapshot,
	SessionStream,
	Status,
} from "../client/api.js";
import { createClient } from "../client/client.js";
import { createHttp } from "../client/http.js";
import { Signal, Value } from "../client/observable.js";
import { reach } from "../client/reach.js";
import {
	type Attachment,
	type Entry,
	LIMITS,
	type Page,
	type SetPage,
	type SetRating,
	type SiteConfig,
	type StartedSession,
	type StartSession,
} from "../protocol/types.js";
import { Attaching, type LoadTray } from "./attaching.js";
import type { Boot } from "./boot.js";
import type { Line, NewMark } from "./groups.js";
import type { StoredChat } from "./stored.js";

const BAD_CREDENTIAL = 4500;

/** A page's title, as far as it is told. */
const TITLE_CHARS = 200;

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** What there is to say of the team while nobody of it is in the chat. */
export interface Desk {
	/** Somebody is here, whoever it is, and the shop is open. */
	readonly open: boolean;
	/** When the shop opens again; null while it is open, and when nobody knows. */
	readonly opensAt: number | null;
}

function deskOf({ online, open_now, opens_at }: SiteConfig): Desk {
	return {
		open: online && open_now,
		opensAt: open_now || opens_at === null ? null : Date.parse(opens_at),
	};
}

export type Phase =
	/** There is no chat yet. `gone`: there was one, and it cannot be opened any more. */
	{ readonly name: "form"; readonly gone: boolean } | { readonly name: "chat" };

export interface ModelOptions extends Pick<Boot, "baseUrl" | "site" | "config" | "store"> {
	readonly platform: Platform;
	readonly tray: LoadTray;
}

export class Model {
	readonly config: SiteConfig;
	readonly platform: Platform;
	readonly open = new Value(false);
	readonly phase: Value<Phase>;
	/** The chat, after those that it continues; empty without one. */
	readonly chats = new Value<readonly SessionSnapshot[]>([]);
	readonly status: Value<Status>;
	/** The connection has been away for long enough to say so. */
	readonly trouble = new Value(false);
	readonly unread = new Value(0);
	readonly desk: Value<Desk>;
	/** Where the news begins; set on opening, and fixed until the panel is closed. */
	readonly newMark = new Value<NewMark | null>(null);
	/** The newest message of the team that came while the panel was closed. */
	readonly preview = new Value<Entry | null>(null);
	/** What the visitor is changing of what they wrote. */
	readonly editing = new Value<Entry | null>(null);
	/** A message of the team, the moment it comes. */
	readonly arrived = new Signal<[Entry]>();
	readonly #options: ModelOptions;
	#client: Client | null = null;
	#streams: SessionStream[] = [];
	#ends: (() => void)[] = [];
	#seen = 0;
	#asking = false;
	#attaching: Attaching | null = null;
	#notThen: () => void = () => undefined;

	constructor(options: ModelOptions) {
		this.#options = options;
		this.config = options.config;
		this.platform = options.platform;
		this.desk = new Value(deskOf(options.config));
		const since = options.platform.now();
		this.status = new Value<Status>({ state: "connecting", transport: null, since, retryAt: null });
		const stored = options.store.get();
		this.phase = new Value<Phase>(stored === null ? { name: "form", gone: false } : { name: "chat" });
		if (stored !== null) this.#connect(stored);
		options.store.onChange(() => this.#changedElsewhere());
		options.platform.onPage((event) => {
			if (event === "visible" && this.open.get()) void this.#askDesk();
		});
	}

	setOpen(open: boolean): void {
		if (open) this.preview.set(null);
		this.newMark.set(open ? this.#markNews() : null);
		this.open.set(open);
		if (open) void this.#askDesk();
	}

	/** Begins a chat; rejects with an `HttpError`. The same `id` again is the same start. */
	async start(form: StartSession): Promise<void> {
		const { store } = this.#options;
		const started = await this.#siteHttp().post<StartedSession>(`${this.#sitePath}/sessions`, form);
		const stored: StoredChat = { token: started.token, session: started.session.id };
		store.set(stored);
		this.#connect(stored, started);
		this.phase.set({ name: "chat" });
	}

	send(body: string, attachments: readonly Attachment[] = []): void {
		this.#current?.send(body, { attachments });
	}

	get baseUrl(): string {
		return this.#options.baseUrl;
	}

	/** The files of the message that is being written; null without a chat. */
	get attaching(): Attaching | null {
		return this.#attaching;
	}

	/** A message's files, with addresses that hold. */
	async filesOf({ entry, files }: Line): Promise<readonly Attachment[]> {
		const session = this.chats.get().find(({ entries }) => entries.some(({ id }) => id === entry?.id))?.id;
		if (entry === null || session === undefined || !this.#client) return files;
		const path = `/sessions/${session}/entries?after=${entry.seq - 1}&limit=1`;
		const { items } = await this.#client.http.get<Page<Entry>>(path);
		return items.find(({ id }) => id === entry.id)?.attachments ?? [];
	}

	/** Whether the visitor can still change or delete it. */
	canAmend(entry: Entry): boolean {
		if (!this.goesOn || entry.deleted_at || entry.kind !== "message") return false;
		const here =
			this.chats
				.get()
				.at(-1)
				?.entries.some(({ id }) => id === entry.id) ?? false;
		const inTime = this.platform.now() - Date.parse(entry.created_at) < LIMITS.amendMs;
		return here && inTime && entry.sender.kind === "customer";
	}

	/** The last that the visitor wrote and can still change. */
	lastEditable(): Entry | null {
		return (
			this.chats
				.get()
				.at(-1)
				?.entries.findLast((entry) => this.canAmend(entry)) ?? null
		);
	}

	/** Whether it was done; so do all three. */
	async edit(entry: Entry, body: string): Promise<boolean> {
		return await this.#ask((http) => http.patch(this.#entryPath(entry), { body }));
	}

	async remove(entry: Entry): Promise<boolean> {
		if (this.editing.get()?.id === entry.id) this.editing.set(null);
		return await this.#ask((http) => http.delete(this.#entryPath(entry)));
	}

	async rate(session: string, score: number, comment: string): Promise<boolean> {
		const rating: SetRating = comment === "" ? { score } : { score, comment };
		return await this.#ask((http) => http.post(`/sessions/${session}/rating`, rating));
	}

	typing(on: boolean): void {
		this.#current?.typing(on);
	}

	retry(id: string): void {
		for (const stream of this.#streams) stream.retry(id);
	}

	discard(id: string): void {
		for (const stream of this.#streams) stream.discard(id);
	}

	/** The preview has been seen; the message itself stays unread. */
	dismiss(): void {
		this.preview.set(null);
	}

	retryNow(): void {
		this.#client?.retryNow();
	}

	/** After the server had told us to stay away. */
	restart(): void {
		this.#client?.start();
	}

	async loadOlder(): Promise<void> {
		await this.#streams[0]?.loadOlder();
	}

	/** All that is there now has been on the screen. */
	seen(): void {
		const last = this.#unseen().at(-1);
		if (last === undefined) return;
		this.#seen = last.seq;
		this.#current?.read(last.seq);
		this.#count();
	}

	/** There is a chat, and it is not over. */
	get goesOn(): boolean {
		const summary = this.chats.get().at(-1)?.summary;
		return summary?.status !== undefined && summary.status !== "closed" && !this.status.get().stopped;
	}

	/** The visitor is on this page now. Whether that is heard matters to nobody here. */
	onPage(url: string, title: string): void {
		const session = this.#current?.id;
		if (session === undefined || !this.goesOn) return;
		const page: SetPage = { url, title: title.slice(0, TITLE_CHARS) };
		this.#client?.http.post(`/sessions/${session}/page`, page).catch(() => undefined);
	}

	draft(): string {
		return this.#options.store.draft();
	}

	keepDraft(text: string): void {
		this.#options.store.keepDraft(text);
	}

	#entryPath({ id }: Entry): string {
		return `/sessions/${this.#current?.id ?? ""}/entries/${id}`;
	}

	async #ask(run: (http: Http) => Promise<unknown>): Promise<boolean> {
		const http = this.#client?.http;
		if (http === undefined) return false;
		try {
			await run(http);
			return true;
		} catch {
			return false;
		}
	}

	get #sitePath(): string {
		return `/sites/${encodeURIComponent(this.#options.site)}`;
	}

	/** Without cookies, also where the shop and the server are one origin: an agent trying the widget is a visitor. */
	#siteHttp(): Http {
		const { baseUrl, platform } = this.#options;
		const fetch: Platform["fetch"] = (url, init) => platform.fetch(url, { ...init, credentials: "omit" });
		return createHttp({ baseUrl, platform: { fetch, after: platform.after } });
	}

	/** What the page was told when it was loaded may be long past. */
	async #askDesk(): Promise<void> {
		if (this.#asking) return;
		this.#asking = true;
		try {
			const desk = deskOf(await this.#siteHttp().get<SiteConfig>(this.#sitePath));
			this.desk.set(desk);
			this.#askWhenItOpens(desk.opensAt);
		} catch {
			// Then what was last known stands.
		} finally {
			this.#asking = false;
		}
	}

	#askWhenItOpens(opensAt: number | null): void {
		const { platform } = this;
		this.#notThen();
		// Who looks at it for a whole day is asked for again before that.
		if (opensAt === null || opensAt - platform.now() > DAY_MS) return;
		// Not all visitors in the same moment, and not again and again where the clock is fast.
		const wait = Math.max(opensAt - platform.now(), MINUTE_MS) + platform.random() * (MINUTE_MS / 6);
		this.#notThen = platform.after(wait, () => {
			if (this.open.get() && platform.visible()) void this.#askDesk();
		});
	}

	get #current(): SessionStream | undefined {
		return this.#streams.at(-1);
	}

	#connect({ token, session }: StoredChat, known?: KnownSession): void {
		this.#disconnect();
		const { baseUrl, site, platform, store } = this.#options;
		const client = createClient({ baseUrl, token, owner: `widget:${site}`, platform, clientName: "widget" });
		this.#client = client;
		this.#attaching = new Attaching(this.#options.tray, {
			baseUrl,
			token,
			// What is uploaded goes on with the chat.
			path: () => `/sessions/${this.#current?.id ?? session}/attachments`,
			limits: () => this.config.uploads,
			kept: store.files(),
			keep: (tray) => store.keepFiles(tray),
		});
		this.#ends = [
			client.status.subscribe((status) => this.#statusChanged(status)),
			client.away.subscribe((away) => this.trouble.set(away)),
			client.onEntry((_, entry) => {
				if (entry.kind !== "message" || entry.sender.kind === "customer") return;
				if (!this.open.get()) this.preview.set(entry);
				this.arrived.emit(entry);
			}),
		];
		this.#follow(session, known);
		client.start();
	}

	#disconnect(): void {
		for (const end of this.#ends) end();
		this.#client?.stop();
		this.#client = null;
		this.#attaching = null;
		this.trouble.set(false);
		this.#streams = [];
		this.#seen = 0;
	}

	#follow(session: string, known?: KnownSession): void {
		const stream = this.#client?.openSession(session, known === undefined ? {} : { known });
		if (stream === undefined) return;
		this.#streams.push(stream);
		this.#ends.push(stream.subscribe(() => this.#changed()));
		this.#changed();
	}

	#changed(): void {
		const chats = this.#streams.map((stream) => stream.get());
		const last = chats.at(-1);
		if (last === undefined) return;
		if (last.missing) {
			this.#forget();
			return;
		}
		if (last.continuedBy !== null) {
			this.#seen = 0;
			const stored = this.#options.store.get();
			if (stored !== null) this.#options.store.set({ ...stored, session: last.continuedBy });
			this.#follow(last.continuedBy);
			return;
		}
		this.chats.set(chats);
		const shown = this.preview.get();
		const now = shown && last.entries.find(({ id }) => id === shown.id);
		if (now && now !== shown) this.preview.set(now.deleted_at ? null : now);
		this.#count();
	}

	#statusChanged(status: Status): void {
		this.status.set(status);
		if (status.stopped?.code === BAD_CREDENTIAL) this.#forget();
	}

	/** The chat is not there any more, or not ours. */
	#forget(): void {
		this.#disconnect();
		this.#options.store.set(null);
		this.#options.store.keepFiles("");
		this.chats.set([]);
		this.unread.set(0);
		this.preview.set(null);
		this.phase.set({ name: "form", gone: true });
	}

	#changedElsewhere(): void {
		const stored = this.#options.store.get();
		// Not under the hands of somebody who is filling in the form here.
		if (stored === null || this.phase.get().name === "chat" || this.open.get()) return;
		this.#connect(stored);
		this.phase.set({ name: "chat" });
	}

	#unseen(): readonly Entry[] {
		const chat = this.chats.get().at(-1);
		if (chat === undefined) return [];
		// Also what was read in another tab.
		const from = Math.max(this.#seen, reach(chat, "customer").read);
		return chat.entries.filter(
			(entry) => entry.seq > from && entry.kind === "message" && entry.sender.kind !== "customer",
		);
	}

	#count(): void {
		const { length } = this.#unseen();
		this.unread.set(length);
		if (length === 0) this.preview.set(null);
	}

	#markNews(): NewMark | null {
		const unseen = this.#unseen();
		const session = this.#current?.id;
		const first = unseen[0];
		if (first === undefined || session === undefined) return null;
		return { session, seq: first.seq, count: unseen.length };
	}
}

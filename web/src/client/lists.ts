/** The lists that are watched: each once, however many look at it, and as long as the longest of them wants it. */
import type { ClientFrame, ErrorCode, SessionId, SessionSummary, View, You } from "../protocol/types.js";
import type { ListStream, Platform } from "./api.js";
import type { LinkEvent } from "./link.js";
import { List, viewKey } from "./list.js";
import { listStream } from "./streams.js";
import { Timer } from "./timer.js";

interface Watched {
	readonly it: List;
	/** What each of those who look at it wants. */
	readonly limits: number[];
}

export interface ListsHost {
	readonly platform: Platform;
	readonly transmit: (frame: ClientFrame) => void;
	/** As it is known, in no list. */
	readonly known: (session: SessionId) => SessionSummary | null;
}

type Told<T extends LinkEvent["type"]> = Extract<LinkEvent, { type: T }>;

/** For `ClientOptions.lists`. */
export const openLists = (host: ListsHost): Lists => new Lists(host);

export class Lists {
	readonly #host: ListsHost;
	readonly #lists = new Map<string, Watched>();
	readonly #retry: Timer;
	readonly #refused = new Set<string>();

	constructor(host: ListsHost) {
		this.#host = host;
		this.#retry = new Timer(host.platform);
	}

	watch(view: View, limit: number): ListStream {
		const key = viewKey(view);
		let watched = this.#lists.get(key);
		if (watched === undefined) {
			watched = { it: new List(view, limit), limits: [limit] };
			this.#lists.set(key, watched);
			this.#ask(watched.it);
		} else {
			watched.limits.push(limit);
			this.#fit(watched);
		}
		const { it, limits } = watched;
		return listStream(it, () => {
			limits.splice(limits.indexOf(limit), 1);
			if (limits.length > 0) {
				this.#fit({ it, limits });
				return;
			}
			this.#lists.delete(key);
			this.#host.transmit({ type: "unwatch", view });
		});
	}

	up(): void {
		for (const { it } of this.#lists.values()) this.#ask(it);
	}

	down(): void {
		this.#retry.clear();
		this.#refused.clear();
	}

	listed({ view, sessions, total, more, sort }: Told<"listed">): void {
		this.#of(view)?.listed(sessions, total, more, sort);
	}

	added({ view, session }: Told<"added">): void {
		this.#of(view)?.added(session, this.#known(session) ?? this.#host.known(session));
	}

	removed({ view, session }: Told<"removed">): void {
		this.#of(view)?.removed(session);
	}

	summary(summary: SessionSummary, you: You | null): void {
		for (const { it } of this.#lists.values()) it.summary(summary, you);
	}

	/** It is not kept live; asked for again after `waitMs`, unless that is null. */
	refused(view: View, code: ErrorCode, waitMs: number | null): void {
		if (waitMs === null) {
			this.#of(view)?.refused(code);
			return;
		}
		this.#refused.add(viewKey(view));
		this.#retry.set(waitMs, () => {
			for (const key of this.#refused) {
				const watched = this.#lists.get(key);
				if (watched !== undefined) this.#ask(watched.it);
			}
			this.#refused.clear();
		});
	}

	#of(view: View): List | undefined {
		return this.#lists.get(viewKey(view))?.it;
	}

	#known(id: SessionId): SessionSummary | null {
		for (const { it } of this.#lists.values()) {
			const known = it.snapshot.get().sessions.find((session) => session.id === id);
			if (known !== undefined) return known;
		}
		return null;
	}

	/** A connection has one limit for each view. */
	#fit({ it, limits }: Watched): void {
		const limit = Math.max(...limits);
		if (limit === it.limit) return;
		it.resize(limit);
		this.#ask(it);
	}

	#ask({ view, limit }: List): void {
		this.#host.transmit({ type: "watch", view, limit });
	}
}

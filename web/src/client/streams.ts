/** What callers hold: handles on shared streams, each of which ends once. */
import type { ListStream, SendOptions, SessionStream } from "./api.js";
import type { List } from "./list.js";
import type { Outbox } from "./outbox.js";
import type { Session } from "./session.js";

/** Something shared, and by how many. */
export interface Used<T> {
	readonly it: T;
	uses: number;
	/** It follows, on its own behalf, the session that continues it. */
	holdsNext?: boolean;
}

export interface SessionUse {
	leave(): void;
	/** The session that continues this one. */
	next(): Session | null;
}

export function sessionStream(session: Session, outbox: Outbox, use: SessionUse): SessionStream {
	const leave = once(use.leave);
	return {
		id: session.id,
		get: () => session.snapshot.get(),
		subscribe: (listener) => session.snapshot.subscribe(listener),
		send: (body: string, options?: SendOptions) => (use.next() ?? session).send(body, options),
		retry: (id) => outbox.retry(id),
		discard: (id) => outbox.discard(id),
		typing: (on) => (use.next() ?? session).typing(on),
		read: (seq) => session.read(seq),
		loadOlder: () => session.loadOlder(),
		showUp: () => session.showUp(),
		leave,
	};
}

export function listStream(list: List, close: () => void): ListStream {
	return {
		view: list.view,
		get: () => list.snapshot.get(),
		subscribe: (listener) => list.snapshot.subscribe(listener),
		close: once(close),
	};
}

function once(run: () => void): () => void {
	let done = false;
	return () => {
		if (done) return;
		done = true;
		run();
	};
}

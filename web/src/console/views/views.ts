/** Saved views: everybody's and mine, each with how many chats it has now. */

import { effect, type ReadonlySignal, signal, untracked } from "@preact/signals";
import { type Client, HttpError, type ListStream } from "../../client/index.js";
import type { Page, SavedView, ViewId, ViewOrder, You } from "../../protocol/types.js";
import { type Loaded, loaded } from "../settings/loaded.js";

/** A long-poll is not told of changes. */
const ASK_MS = 30_000;

/** The views of whoever is signed in. */
export interface Views {
	/** Everybody's first, then mine, both in their order. */
	readonly all: Loaded<readonly SavedView[]>;
	/** How many chats each has; nothing of those of which that is not known. */
	readonly totals: ReadonlySignal<ReadonlyMap<ViewId, number>>;
	/** Moves a view among its kind. What it is then, from 1; null where it was not moved. */
	move(view: SavedView, by: 1 | -1): Promise<number | HttpError | null>;
	close(): void;
}

interface ViewsOptions {
	readonly client: Client;
	readonly onError: (error: unknown) => void;
}

/** Those of the same kind as this one, in their order. */
export const kindOf = (all: readonly SavedView[], view: SavedView): readonly SavedView[] =>
	all.filter(({ owner_id }) => (owner_id === null) === (view.owner_id === null));

/** Everybody's are changed by those who lead. */
export const mayChange = (view: SavedView, me: You): boolean => view.owner_id !== null || me.role !== "agent";

/** What is known of them; null: nothing yet. */
export function knownViews({ all }: Pick<Views, "all">): readonly SavedView[] | null {
	const now = all.now.value;
	return now.state === "known" ? now.value : null;
}

/** Follows them until `close`. */
export function openViews({ client, onError }: ViewsOptions): Views {
	const all = loaded(async () => {
		try {
			return (await client.http.get<Page<SavedView>>("/views")).items;
		} catch (error) {
			onError(error);
			throw error;
		}
	});
	const totals = countAll(client, all);
	let timer: ReturnType<typeof setInterval> | undefined;
	const ask = () => {
		clearInterval(timer);
		const { state, transport } = client.status.get();
		if (state !== "online") return;
		void all.refresh();
		if (transport === "long_poll") timer = setInterval(() => void all.refresh(), ASK_MS);
	};
	const ends = [client.status.subscribe(ask), client.onViews(() => void all.refresh())];
	ask();

	return {
		all,
		totals: totals.value,
		async move(view, by) {
			const { value: before } = all.now;
			if (before.state !== "known") return null;
			const kind = [...kindOf(before.value, view)];
			const from = kind.findIndex(({ id }) => id === view.id);
			const other = kind[from + by];
			if (from < 0 || other === undefined) return null;
			kind[from] = other;
			kind[from + by] = view;
			const rest = before.value.filter(({ id }) => !kind.some((one) => one.id === id));
			const shared = view.owner_id === null;
			// Shown at once, and as it was if the server does not take it.
			all.set(shared ? [...kind, ...rest] : [...rest, ...kind]);
			try {
				const order: ViewOrder = { shared, views: kind.map(({ id }) => id) };
				all.set((await client.http.put<Page<SavedView>>("/views/order", order)).items);
				return from + by + 1;
			} catch (error) {
				onError(error);
				if (!(error instanceof HttpError)) throw error;
				all.set(before.value);
				// What was changed meanwhile may be why.
				void all.refresh();
				return error;
			}
		},
		close() {
			clearInterval(timer);
			for (const end of ends) end();
			totals.close();
		},
	};
}

/** Watches of each view how many chats it has. */
function countAll(client: Client, all: Views["all"]) {
	const value = signal<ReadonlyMap<ViewId, number>>(new Map());
	const watched = new Map<ViewId, { stream: ListStream; stop: () => void }>();

	const leave = (id: ViewId) => {
		watched.get(id)?.stop();
		watched.get(id)?.stream.close();
		watched.delete(id);
	};
	const count = (id: ViewId) => {
		const snapshot = watched.get(id)?.stream.get();
		const next = new Map(value.peek());
		next.delete(id);
		// A list that is on its way, longer than it was, says still how many there are.
		if (snapshot && snapshot.refused === null && (!snapshot.loading || snapshot.total > 0)) {
			next.set(id, snapshot.total);
		}
		if (next.get(id) !== value.peek().get(id) || next.size !== value.peek().size) value.value = next;
	};
	const end = effect(() => {
		const now = all.now.value;
		if (now.state !== "known") return;
		const ids = new Set(now.value.map(({ id }) => id));
		untracked(() => {
			for (const id of watched.keys()) {
				if (ids.has(id)) continue;
				leave(id);
				count(id);
			}
			for (const id of ids) {
				if (watched.has(id)) continue;
				const stream = client.watch(id, 0);
				watched.set(id, { stream, stop: stream.subscribe(() => count(id)) });
				count(id);
			}
		});
	});
	return {
		value,
		close() {
			end();
			for (const id of [...watched.keys()]) leave(id);
		},
	};
}

/** A watched list that can be asked for more of itself. */

import { type ReadonlySignal, signal } from "@preact/signals";
import type { Client, ListSnapshot } from "../../client/index.js";
import type { View } from "../../protocol/types.js";

/** What is shown at first, and the most that the server gives. */
const FIRST = 50;
const MOST = 200;

/** One view's list, until `close`. */
export interface LiveList {
	readonly value: ReadonlySignal<ListSnapshot>;
	/** Asks for the most that there is; what is shown stays until that has come. */
	grow(): void;
	close(): void;
}

/** There is more, and it can be had. */
export const canGrow = (list: ListSnapshot): boolean => list.more && list.sessions.length < MOST;

/** Watches `view`. */
export function liveList(client: Client, view: View): LiveList {
	let stream = client.watch(view, FIRST);
	const value = signal(stream.get());
	const show = (next: ListSnapshot) => {
		value.value = next;
	};
	let stop = stream.subscribe(show);
	return {
		value,
		grow() {
			stop();
			stream.close();
			stream = client.watch(view, MOST);
			stop = stream.subscribe((next) => {
				if (!next.loading) show(next);
			});
		},
		close() {
			stop();
			stream.close();
		},
	};
}

/** A watched list that can be asked for more of itself. */

import type { ReadonlySignal } from "@preact/signals";
import type { Client, ListSnapshot, ListStream } from "../../client/index.js";
import type { View } from "../../protocol/types.js";
import { follow } from "../live.js";

/** What is shown at first, and the most that the server keeps live. */
const FIRST = 50;
const MOST = 200;

/** One view's list, until `close`. */
export interface LiveList {
	readonly value: ReadonlySignal<ListSnapshot>;
	/** Asks for the most that there is; what is shown stays until that has come. */
	grow(): void;
	close(): void;
}

/** There is more, and it can be had live. */
export const canGrow = (list: ListSnapshot): boolean => list.more && list.sessions.length < MOST;

/** Watches `view`. */
export function liveList(client: Client, view: View): LiveList {
	const stream = client.watch(view, FIRST);
	const { value, stop } = follow(stream);
	/** The same list: it has as many as whoever wants most. */
	let longer: ListStream | null = null;
	return {
		value,
		grow() {
			longer ??= client.watch(view, MOST);
		},
		close() {
			stop();
			stream.close();
			longer?.close();
		},
	};
}

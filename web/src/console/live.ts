/** Turns what the client library offers into signals. */

import { type ReadonlySignal, signal } from "@preact/signals";
import type { Observable } from "../client/index.js";

/** A signal that follows `source` until `stop`. */
export function follow<T>(source: Observable<T>): { value: ReadonlySignal<T>; stop: () => void } {
	const value = signal(source.get());
	const stop = source.subscribe((next) => {
		value.value = next;
	});
	return { value, stop };
}

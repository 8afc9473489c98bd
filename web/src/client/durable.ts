import type { KeyValueStore, Platform } from "./api.js";
import { Timer } from "./timer.js";

/** A store that was asked and does not answer (another tab upgrades it, a disk hangs) must not hold up a chat. */
const PATIENCE_MS = 2_000;

/**
 * A store that never fails: where the browser's is denied, full or broken, what is written lives as long as the page.
 * Writes take effect in the order they were made.
 */
export class DurableStore {
	readonly #store: KeyValueStore;
	readonly #platform: Pick<Platform, "after">;
	#last: Promise<void> = Promise.resolve();

	constructor(store: KeyValueStore, platform: Pick<Platform, "after">) {
		this.#store = store;
		this.#platform = platform;
	}

	list(prefix: string): Promise<readonly (readonly [string, string])[]> {
		return new Promise((resolve) => {
			const timer = new Timer(this.#platform);
			const answer = (pairs: readonly (readonly [string, string])[]): void => {
				timer.clear();
				resolve(pairs);
			};
			timer.set(PATIENCE_MS, () => answer([]));
			attempt(() => this.#store.list(prefix)).then(answer, () => answer([]));
		});
	}

	put(key: string, value: string): void {
		this.#chain(() => this.#store.put(key, value));
	}

	delete(key: string): void {
		this.#chain(() => this.#store.delete(key));
	}

	#chain(write: () => Promise<void>): void {
		// What could not be written is still in the outbox's memory, which is all that is left to do.
		this.#last = this.#last.then(() => attempt(write)).catch(() => undefined);
	}
}

/** Stores deny themselves by throwing as well as by rejecting. */
async function attempt<T>(run: () => Promise<T>): Promise<T> {
	return await run();
}

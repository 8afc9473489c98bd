import type { KeyValueStore, Platform } from "./api.js";
import { Timer } from "./timer.js";

/** A store that was asked and does not answer (another tab upgrades it, a disk hangs) must not hold up a chat. */
const PATIENCE_MS = 2_000;

/** A store that never fails: where the browser's is denied, full or broken, what is written lives as long as the page. */
export class DurableStore {
	readonly #store: KeyValueStore;
	readonly #platform: Pick<Platform, "after">;

	constructor(store: KeyValueStore, platform: Pick<Platform, "after">) {
		this.#store = store;
		this.#platform = platform;
	}

	/** Resolves when the store has answered, or has been waited for long enough; a late answer is taken all the same. */
	list(prefix: string, take: (pairs: readonly (readonly [string, string])[]) => void): Promise<void> {
		return new Promise((resolve) => {
			const timer = new Timer(this.#platform);
			timer.set(PATIENCE_MS, resolve);
			attempt(() => this.#store.list(prefix))
				// A store that is denied has kept nothing.
				.then(take, () => undefined)
				.then(() => {
					timer.clear();
					resolve();
				});
		});
	}

	/** At once, not after what was asked before: the page may be gone the next moment. */
	put(key: string, value: string): void {
		this.#try(() => this.#store.put(key, value));
	}

	delete(key: string): void {
		this.#try(() => this.#store.delete(key));
	}

	#try(write: () => Promise<void>): void {
		// What could not be written is still in the outbox's memory, which is all that is left to do.
		attempt(write).catch(() => undefined);
	}
}

/** Stores deny themselves by throwing as well as by rejecting. */
async function attempt<T>(run: () => Promise<T>): Promise<T> {
	return await run();
}

import type { Platform } from "./api.js";

/** At most one pending call; setting it again replaces the earlier one. */
export class Timer {
	readonly #platform: Pick<Platform, "after">;
	#cancel: (() => void) | null = null;

	constructor(platform: Pick<Platform, "after">) {
		this.#platform = platform;
	}

	get pending(): boolean {
		return this.#cancel !== null;
	}

	set(ms: number, run: () => void): void {
		this.clear();
		this.#cancel = this.#platform.after(ms, () => {
			this.#cancel = null;
			run();
		});
	}

	clear(): void {
		this.#cancel?.();
		this.#cancel = null;
	}
}

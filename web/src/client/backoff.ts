/** Full jitter: any time from now to a limit that doubles, so that clients cut off together do not return together. */
export class Backoff {
	readonly #random: () => number;
	readonly #firstMs: number;
	readonly #capMs: number;
	#attempt = 0;

	constructor(random: () => number, firstMs = 500, capMs = 30_000) {
		this.#random = random;
		this.#firstMs = firstMs;
		this.#capMs = capMs;
	}

	/** Milliseconds to wait before the next try. */
	next(): number {
		const limit = Math.min(this.#capMs, this.#firstMs * 2 ** Math.min(this.#attempt, 16));
		this.#attempt += 1;
		return Math.round(this.#random() * limit);
	}

	reset(): void {
		this.#attempt = 0;
	}
}

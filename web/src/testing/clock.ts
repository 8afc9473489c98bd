/** A clock with hands: time passes only when a test says so. */
export class ManualClock {
	#now = Date.UTC(2026, 0, 5, 9, 0, 0);
	#timers: { readonly at: number; readonly run: () => void }[] = [];

	now(): number {
		return this.#now;
	}

	after(ms: number, run: () => void): () => void {
		const timer = { at: this.#now + Math.max(0, Math.round(ms)), run };
		this.#timers.push(timer);
		return () => {
			this.#timers = this.#timers.filter((other) => other !== timer);
		};
	}

	/** Lets `ms` pass, and everything happen that is due meanwhile, in order. */
	async advance(ms: number): Promise<void> {
		// Whole milliseconds, as the real one counts.
		const end = this.#now + Math.round(ms);
		await settle();
		for (let next = this.#due(end); next !== undefined; next = this.#due(end)) {
			this.#now = Math.max(this.#now, next.at);
			this.#timers = this.#timers.filter((other) => other !== next);
			next.run();
			await settle();
		}
		this.#now = end;
	}

	/** The machine slept: time has passed, and no timer ran meanwhile. What is due runs at the next `advance`. */
	sleep(ms: number): void {
		this.#now += Math.round(ms);
	}

	#due(end: number) {
		return this.#timers
			.filter((timer) => timer.at <= end)
			.sort((a, b) => a.at - b.at)
			.at(0);
	}
}

/** Lets everything happen that waits for nothing but its turn. */
export async function settle(): Promise<void> {
	for (let i = 0; i < 40; i++) await Promise.resolve();
}

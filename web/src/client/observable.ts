import type { Observable } from "./api.js";

/** An `Observable` with its handle for the owner. */
export class Value<T> implements Observable<T> {
	#value: T;
	readonly #listeners = new Set<(value: T) => void>();

	constructor(value: T) {
		this.#value = value;
	}

	get(): T {
		return this.#value;
	}

	set(value: T): void {
		if (value === this.#value) return;
		this.#value = value;
		// A copy: a listener may end its own or another's subscription.
		for (const listener of [...this.#listeners]) listener(value);
	}

	subscribe(listener: (value: T) => void): () => void {
		// Wrapped, so that the same function subscribed twice is two subscriptions.
		const own = (value: T): void => listener(value);
		this.#listeners.add(own);
		return () => {
			this.#listeners.delete(own);
		};
	}
}

/** Something that happens, for those who listen at that moment. */
export class Signal<A extends unknown[]> {
	readonly #listeners = new Set<(...args: A) => void>();

	emit(...args: A): void {
		for (const listener of [...this.#listeners]) listener(...args);
	}

	subscribe(listener: (...args: A) => void): () => void {
		const own = (...args: A): void => listener(...args);
		this.#listeners.add(own);
		return () => {
			this.#listeners.delete(own);
		};
	}
}

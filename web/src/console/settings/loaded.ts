/** What is asked of the server once and kept, with what became of the question. */

import { type ReadonlySignal, signal } from "@preact/signals";
import { HttpError } from "../../client/index.js";

/** How far a question is. */
export type Loading<T> =
	| { readonly state: "asking" }
	| { readonly state: "known"; readonly value: T }
	| { readonly state: "failed"; readonly message: string };

/** Something of the server's. */
export interface Loaded<T> {
	readonly now: ReadonlySignal<Loading<T>>;
	/** Asks anew; what is known stays until the answer, and where there is none. */
	refresh(): Promise<void>;
	/** What it has become, where an answer to something else tells. */
	set(value: T): void;
}

/** Nothing is asked before the first `refresh`. */
export function loaded<T>(ask: () => Promise<T>): Loaded<T> {
	const now = signal<Loading<T>>({ state: "asking" });
	let questions = 0;
	return {
		now,
		async refresh() {
			questions += 1;
			const question = questions;
			if (now.peek().state === "failed") now.value = { state: "asking" };
			try {
				const value = await ask();
				if (question === questions) now.value = { state: "known", value };
			} catch (error) {
				if (!(error instanceof HttpError)) throw error;
				if (question === questions && now.peek().state !== "known") {
					now.value = { state: "failed", message: refusedWords(error) };
				}
			}
		},
		set(value) {
			// An answer that is still on its way is older.
			questions += 1;
			now.value = { state: "known", value };
		},
	};
}

/** Not found and forbidden look alike. */
function refusedWords(error: HttpError): string {
	return error.status === 403 || error.status === 404
		? "This is not here, or not open to you."
		: error.message;
}

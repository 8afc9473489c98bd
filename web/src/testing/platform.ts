import type { KeyValueStore, PageEvent, Platform } from "../client/api.js";
import { ManualClock } from "./clock.js";
import type { FakeServer } from "./server.js";

/** A page without a browser. */
export class FakePlatform implements Platform {
	readonly clock = new ManualClock();
	readonly storage: KeyValueStore;
	/** What `random()` says. */
	chance = 0.5;
	shown = true;
	#listeners = new Set<(event: PageEvent) => void>();
	#ids = 0;
	readonly #prefix: string;
	readonly #server: FakeServer;

	constructor(server: FakeServer, storage: KeyValueStore = new MemoryStore(), prefix = "tab") {
		this.#server = server;
		this.storage = storage;
		this.#prefix = prefix;
	}

	now = (): number => this.clock.now();
	after = (ms: number, run: () => void): (() => void) => this.clock.after(ms, run);
	random = (): number => this.chance;
	uuid = (): string => `${this.#prefix}-${++this.#ids}`;
	fetch = (url: string, init: RequestInit): Promise<Response> => this.#server.fetch(url, init, this.clock);
	openSocket = (url: string, protocol: string) => this.#server.connect(url, protocol, this.clock);
	visible = (): boolean => this.shown;

	onPage = (listener: (event: PageEvent) => void): (() => void) => {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	};

	page(event: PageEvent): void {
		if (event === "visible" || event === "hidden") this.shown = event === "visible";
		for (const listener of [...this.#listeners]) listener(event);
	}
}

/** A store that outlives the clients of a test. */
export class MemoryStore implements KeyValueStore {
	readonly pairs = new Map<string, string>();

	async list(prefix: string) {
		return [...this.pairs].filter(([key]) => key.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1));
	}

	async put(key: string, value: string): Promise<void> {
		this.pairs.set(key, value);
	}

	async delete(key: string): Promise<void> {
		this.pairs.delete(key);
	}
}

/** A store as in a page whose storage is denied: it throws rather than rejects. */
export const deniedStore: KeyValueStore = {
	list: () => {
		throw new Error("denied");
	},
	put: () => {
		throw new Error("denied");
	},
	delete: () => {
		throw new Error("denied");
	},
};

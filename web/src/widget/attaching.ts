import { Value } from "../client/observable.js";
import type { UploadOptions, Uploads } from "../client/uploads.js";

/** What is loaded when there are files. */
export type TrayModule = typeof import("./tray/main.js");

/** Loads it; asked for again, it is how often it was in vain. */
export type LoadTray = (failures: number) => Promise<TrayModule>;

export type AttachingState =
	| { readonly name: "none" | "loading" | "failed" }
	| { readonly name: "ready"; readonly tray: TrayModule; readonly uploads: Uploads };

const NONE = { name: "none" } as const;

/** The files of the message that is being written. What is needed for them comes with the first. */
export class Attaching {
	readonly state = new Value<AttachingState>(NONE);
	readonly #load: LoadTray;
	readonly #options: Omit<UploadOptions, "words">;
	/** Until it is there. */
	#held: readonly File[] = [];
	#failures = 0;

	constructor(load: LoadTray, options: Omit<UploadOptions, "words">) {
		this.#load = load;
		this.#options = options;
		if (options.kept) void this.load();
	}

	add = (files: readonly File[]): void => {
		const state = this.state.get();
		if (state.name === "ready") {
			state.uploads.add(files);
			return;
		}
		this.#held = [...this.#held, ...files];
		void this.load();
	};

	/** What was chosen is let go. */
	giveUp(): void {
		this.#held = [];
		this.state.set(NONE);
	}

	async load(): Promise<void> {
		const { name } = this.state.get();
		if (name === "loading" || name === "ready") return;
		this.state.set({ name: "loading" });
		try {
			const tray = await this.#load(this.#failures);
			const uploads = tray.openUploads(this.#options);
			if (this.#held.length > 0) uploads.add(this.#held);
			this.#held = [];
			this.state.set({ name: "ready", tray, uploads });
		} catch {
			this.#failures += 1;
			this.state.set({ name: "failed" });
		}
	}
}

import { LIMITS } from "../protocol/types.js";
import type { Platform } from "./api.js";
import { Timer } from "./timer.js";

/** Often enough that the sign does not go out between two (`LIMITS.typingMs`). */
const REPEAT_MS = LIMITS.typingMs / 2;
const IDLE_MS = 5_000;

/** Turns strokes into as few signals as keep the other side's sign lit. */
export class TypingOut {
	readonly #platform: Platform;
	readonly #signal: (on: boolean) => void;
	readonly #idle: Timer;
	#toldAt: number | null = null;

	constructor(platform: Platform, signal: (on: boolean) => void) {
		this.#platform = platform;
		this.#signal = signal;
		this.#idle = new Timer(platform);
	}

	set(on: boolean): void {
		if (!on) {
			this.#stop();
			return;
		}
		const now = this.#platform.now();
		this.#idle.set(IDLE_MS, () => this.#stop());
		if (this.#toldAt !== null && now - this.#toldAt < REPEAT_MS) return;
		this.#toldAt = now;
		this.#signal(true);
	}

	/** Our words have come, and count as the end of writing; if more is being written by now, that is told anew. */
	again(): void {
		if (this.#toldAt === null) return;
		this.#toldAt = this.#platform.now();
		this.#signal(true);
	}

	/** What was told is gone with the connection. */
	reset(): void {
		this.#idle.clear();
		this.#toldAt = null;
	}

	#stop(): void {
		const told = this.#toldAt !== null;
		this.reset();
		if (told) this.#signal(false);
	}
}

/** What assistive technology is told: each thing once, and a flood as one sentence. */

import { type ReadonlySignal, signal } from "@preact/signals";

/** One sentence for the live region. */
export interface Announcement {
	readonly id: number;
	readonly text: string;
}

/** Tells things politely. */
export interface Announcer {
	readonly said: ReadonlySignal<readonly Announcement[]>;
	/** Says a state or an event. */
	say(text: string): void;
	/** Says a message, unless many come at once: then how many, in how many chats. */
	message(chat: string, text: string): void;
	close(): void;
}

const TOGETHER_MS = 400;
const KEPT_MS = 8_000;
const MANY = 3;

/** An announcer on this page's clock. */
export function createAnnouncer(): Announcer {
	const said = signal<readonly Announcement[]>([]);
	const timers = new Set<ReturnType<typeof setTimeout>>();
	let pending: { chat: string; text: string }[] = [];
	let next = 1;

	const later = (ms: number, run: () => void) => {
		const timer = setTimeout(() => {
			timers.delete(timer);
			run();
		}, ms);
		timers.add(timer);
	};

	const say = (text: string) => {
		const id = next;
		next += 1;
		said.value = [...said.value, { id, text }];
		later(KEPT_MS, () => {
			said.value = said.value.filter((one) => one.id !== id);
		});
	};

	const flush = () => {
		const all = pending;
		pending = [];
		if (all.length <= MANY) {
			for (const { text } of all) say(text);
			return;
		}
		const chats = new Set(all.map((one) => one.chat)).size;
		say(chats === 1 ? `${all.length} messages` : `${all.length} messages in ${chats} chats`);
	};

	return {
		said,
		say,
		message(chat, text) {
			pending.push({ chat, text });
			if (pending.length === 1) later(TOGETHER_MS, flush);
		},
		close() {
			for (const timer of timers) clearTimeout(timer);
			timers.clear();
		},
	};
}

/**
 * What is typed and not sent, per agent and chat. It outlives a reload and a lost login; where the browser gives
 * no storage, it lives as long as the page.
 */

import type { SessionId } from "../protocol/types.js";

/** The part of `Storage` that drafts need. */
export type DraftStorage = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** One agent's drafts. */
export interface Drafts {
	get(session: SessionId): string;
	/** An empty text forgets the draft. */
	set(session: SessionId, text: string): void;
}

/** The tab's own storage, or none: merely asking for it may throw. */
export function tabStorage(): DraftStorage | null {
	try {
		return window.sessionStorage;
	} catch {
		return null;
	}
}

/** The drafts of the agent `owner`. */
export function createDrafts(owner: string, storage: DraftStorage | null): Drafts {
	const memory = new Map<SessionId, string>();
	const key = (session: SessionId) => `hubbub.draft.${owner}.${session}`;
	return {
		get(session) {
			const held = memory.get(session);
			if (held !== undefined) return held;
			try {
				return storage?.getItem(key(session)) ?? "";
			} catch {
				return "";
			}
		},
		set(session, text) {
			memory.set(session, text);
			try {
				if (text) storage?.setItem(key(session), text);
				else storage?.removeItem(key(session));
			} catch {
				// Full or forbidden: memory has it.
			}
		},
	};
}

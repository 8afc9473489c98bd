/** The visitor's chat, as this browser remembers it for this site. */
export interface StoredChat {
	/** The credential: whoever has it can read the chat. */
	readonly token: string;
	readonly session: string;
}

export interface ChatStore {
	get(): StoredChat | null;
	set(chat: StoredChat | null): void;
	/** What was being written. */
	draft(): string;
	keepDraft(text: string): void;
	/** Its files, of this tab: in another one they would be sent once more. */
	files(): string;
	keepFiles(tray: string): void;
	/** Another tab of this browser began a chat. */
	onChange(listener: () => void): () => void;
}

/** Kept by the page's origin; where storage is denied, as long as the page lives. */
export function openStore(site: string): ChatStore {
	const key = `hubbub:${site}`;
	const draftKey = `${key}:draft`;
	const filesKey = `${key}:files`;
	const memory = new Map<string, string>();
	// Merely asking for a storage may throw.
	const storage = (name: string): Storage => (name === filesKey ? sessionStorage : localStorage);
	const read = (name: string): string | null => {
		try {
			return storage(name).getItem(name) ?? memory.get(name) ?? null;
		} catch {
			return memory.get(name) ?? null;
		}
	};
	const write = (name: string, value: string | null): void => {
		memory.delete(name);
		try {
			if (value === null) storage(name).removeItem(name);
			else storage(name).setItem(name, value);
		} catch {
			if (value !== null) memory.set(name, value);
		}
	};
	return {
		get: () => parse(read(key)),
		set: (chat) => write(key, chat === null ? null : JSON.stringify(chat)),
		draft: () => read(draftKey) ?? "",
		keepDraft: (text) => write(draftKey, text === "" ? null : text),
		files: () => read(filesKey) ?? "",
		keepFiles: (tray) => write(filesKey, tray === "" ? null : tray),
		onChange: (listener) => {
			const changed = (event: StorageEvent): void => {
				if (event.key === key) listener();
			};
			window.addEventListener("storage", changed);
			return () => window.removeEventListener("storage", changed);
		},
	};
}

function parse(text: string | null): StoredChat | null {
	if (text === null) return null;
	try {
		const value: unknown = JSON.parse(text);
		if (typeof value !== "object" || value === null) return null;
		const { token, session } = value as Record<keyof StoredChat, unknown>;
		return typeof token === "string" && typeof session === "string" ? { token, session } : null;
	} catch {
		return null;
	}
}

import type { KeyValueStore, PageEvent, Platform, Socket } from "./api.js";

/** The platform of a page. `storeName` keeps several uses of one origin apart. */
export function browserPlatform(storeName = "hubbub"): Platform {
	return {
		now: () => Date.now(),
		after: (ms, run) => {
			const timer = setTimeout(run, ms);
			return () => clearTimeout(timer);
		},
		random: () => Math.random(),
		uuid,
		fetch: (url, init) => fetch(url, init),
		openSocket,
		storage: indexedStore(storeName),
		visible: () => document.visibilityState !== "hidden",
		onPage,
	};
}

/** A new id. `randomUUID` is missing on pages without https. */
export function uuid(): string {
	if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
	const bytes = crypto.getRandomValues(new Uint8Array(16));
	const hex = Array.from(bytes, (byte, i) => {
		const marked = i === 6 ? (byte & 0x0f) | 0x40 : i === 8 ? (byte & 0x3f) | 0x80 : byte;
		return marked.toString(16).padStart(2, "0");
	}).join("");
	return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function openSocket(url: string, protocol: string): Socket {
	const socket = new WebSocket(url, protocol);
	const ours: Socket = {
		onopen: null,
		onmessage: null,
		onclose: null,
		send: (text) => {
			if (socket.readyState !== WebSocket.OPEN) throw new Error("not open");
			socket.send(text);
		},
		close: (code) => socket.close(code),
	};
	socket.addEventListener("open", () => ours.onopen?.());
	socket.addEventListener("message", (event) => ours.onmessage?.(event.data));
	socket.addEventListener("close", (event) => ours.onclose?.(event.code));
	return ours;
}

function onPage(listener: (event: PageEvent) => void): () => void {
	const off = new AbortController();
	const { signal } = off;
	for (const event of ["online", "offline", "pagehide", "pageshow"] as const) {
		window.addEventListener(event, () => listener(event), { signal });
	}
	document.addEventListener(
		"visibilitychange",
		() => listener(document.visibilityState === "hidden" ? "hidden" : "visible"),
		{ signal },
	);
	return () => off.abort();
}

const TABLE = "pairs";

/** IndexedDB as pairs. Rejects when it is denied; asked again, it tries again. */
function indexedStore(name: string): KeyValueStore {
	let database: Promise<IDBDatabase> | null = null;
	const open = (): Promise<IDBDatabase> => {
		database ??= new Promise<IDBDatabase>((resolve, reject) => {
			const request = indexedDB.open(name, 1);
			request.onupgradeneeded = () => request.result.createObjectStore(TABLE);
			request.onerror = () => reject(request.error);
			request.onsuccess = () => {
				// Another tab with a newer version must not be blocked by us; nor the back-forward cache.
				request.result.onversionchange = () => {
					database = null;
					request.result.close();
				};
				request.result.onclose = () => {
					database = null;
				};
				resolve(request.result);
			};
		}).catch((error: unknown) => {
			database = null;
			throw error;
		});
		return database;
	};
	const run = async <T>(mode: IDBTransactionMode, ask: (table: IDBObjectStore) => T): Promise<T> => {
		const db = await open();
		return await new Promise<T>((resolve, reject) => {
			const transaction = db.transaction(TABLE, mode);
			const answer = ask(transaction.objectStore(TABLE));
			// Not after a turn of waiting for more: the page may be gone by then.
			transaction.commit();
			transaction.oncomplete = () => resolve(answer);
			transaction.onerror = () => reject(transaction.error);
			transaction.onabort = () => reject(transaction.error);
		});
	};
	return {
		list: async (prefix) => {
			const range = IDBKeyRange.bound(prefix, `${prefix}\uffff`);
			const [keys, values] = await run("readonly", (table) => [table.getAllKeys(range), table.getAll(range)]);
			return (keys?.result ?? []).map((key, i) => [String(key), String(values?.result[i])] as const);
		},
		put: async (key, value) => void (await run("readwrite", (table) => table.put(value, key))),
		delete: async (key) => void (await run("readwrite", (table) => table.delete(key))),
	};
}

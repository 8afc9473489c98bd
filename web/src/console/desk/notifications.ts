/** What one is told in person: kept by the server, told as it happens. */

import { type ReadonlySignal, signal } from "@preact/signals";
import { type Client, HttpError } from "../../client/index.js";
import type { Notification, Notifications, ReadNotifications, SessionId } from "../../protocol/types.js";
import type { Announcer } from "./announcer.js";

/** The newest of them, and how many were not read. */
export interface Told {
	readonly items: ReadonlySignal<readonly Notification[]>;
	readonly unread: ReadonlySignal<number>;
	/** Asks for them anew. */
	refresh(): Promise<void>;
	/** Took note of those of a chat, or of all. */
	read(session?: SessionId): Promise<void>;
	close(): void;
}

interface ToldOptions {
	readonly client: Client;
	readonly announcer: Announcer;
	readonly openId: () => SessionId | null;
	readonly onTold: (notification: Notification) => void;
	readonly onError: (error: unknown) => void;
}

const LIMIT = 30;

/** "Tess named you: …" */
export function toldWords({ kind, from, contact, number }: Notification): string {
	const who = from.kind === "system" ? "Hubbub" : (from.name ?? "Somebody");
	const where = `${contact ?? "a customer"}, #${number}`;
	switch (kind) {
		case "mention":
			return `${who} named you: ${where}`;
		case "assigned":
			return `${who} gave you a chat: ${where}`;
		case "due":
			return `A chat is due or waits for too long: ${where}`;
	}
}

export function openTold({ client, announcer, openId, onTold, onError }: ToldOptions): Told {
	const items = signal<readonly Notification[]>([]);
	const unread = signal(0);

	const ask = async <T>(run: () => Promise<T>): Promise<T | null> => {
		try {
			return await run();
		} catch (error) {
			onError(error);
			if (!(error instanceof HttpError)) throw error;
			return null;
		}
	};

	const refresh = async () => {
		const told = await ask(() => client.http.get<Notifications>(`/notifications?limit=${LIMIT}`));
		if (!told) return;
		items.value = told.items;
		unread.value = told.unread;
	};

	const read = async (session?: SessionId) => {
		const body: ReadNotifications = session === undefined ? {} : { session };
		await ask(() => client.http.post("/notifications/read", body));
		await refresh();
	};

	const ends = [
		client.onNotification((notification) => {
			if (notification.session === openId()) {
				void read(notification.session);
				return;
			}
			items.value = [notification, ...items.value].slice(0, LIMIT);
			unread.value += 1;
			announcer.say(toldWords(notification));
			onTold(notification);
		}),
		// What was told while there was no connection.
		client.status.subscribe(({ state }) => {
			if (state === "online") void refresh();
		}),
	];
	if (client.status.get().state === "online") void refresh();

	return {
		items,
		unread,
		refresh,
		read,
		close() {
			for (const end of ends) end();
		},
	};
}

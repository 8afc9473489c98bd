/** What I am asked to take, until I answer or the time is over. */

import { type ReadonlySignal, signal } from "@preact/signals";
import { type Client, HttpError } from "../../client/index.js";
import type { SessionId, SessionSummary } from "../../protocol/types.js";
import { contactName } from "../names.js";

/** One chat that I am asked to take. */
export interface Asked {
	readonly session: SessionSummary;
	/** Milliseconds; from then on it is too late. */
	readonly until: number;
	/** My answer is on its way. */
	readonly busy: boolean;
}

/** What I am asked, the most urgent first. */
export interface Offers {
	readonly asked: ReadonlySignal<readonly Asked[]>;
	/** Takes it: the first one where none is named. */
	accept(id?: SessionId): Promise<void>;
	/** Leaves it to the next. */
	decline(id?: SessionId): Promise<void>;
	close(): void;
}

/** What offers need around them. */
export interface OffersOptions {
	readonly client: Client;
	readonly say: (text: string) => void;
	readonly tell: (text: string) => void;
	readonly onError: (error: unknown) => void;
	/** The chat is mine. */
	readonly onTaken: (id: SessionId) => void;
	/** What is mine by my own doing is not told again. */
	readonly taking: (id: SessionId, on: boolean) => void;
}

/** The server may be a little behind our clock. */
const LATE_MS = 3_000;

/** Follows the offers until `close`. */
export function openOffers({ client, say, tell, onError, onTaken, taking }: OffersOptions): Offers {
	const asked = signal<readonly Asked[]>([]);
	const timers = new Map<SessionId, ReturnType<typeof setTimeout>>();

	const forget = (id: SessionId) => {
		clearTimeout(timers.get(id));
		timers.delete(id);
		asked.value = asked.value.filter(({ session }) => session.id !== id);
	};
	const stopNews = client.onOffer((news) => {
		if (news.type === "offer_ended") {
			const known = asked.peek().find(({ session }) => session.id === news.session);
			forget(news.session);
			if (!known) return;
			const name = contactName(known.session.contact);
			if (news.end === "unanswered") tell(`The chat with ${name} went to the next one`);
			if (news.end === "withdrawn") tell(`A colleague took the chat with ${name}`);
			return;
		}
		const { session } = news;
		const until = Date.parse(news.until);
		const unknown = !asked.peek().some((one) => one.session.id === session.id);
		clearTimeout(timers.get(session.id));
		timers.set(
			session.id,
			setTimeout(() => forget(session.id), Math.max(until - Date.now(), 0) + LATE_MS),
		);
		const others = asked.peek().filter((one) => one.session.id !== session.id);
		asked.value = [...others, { session, until, busy: false }].sort((a, b) => a.until - b.until);
		if (!unknown) return;
		const said = session.last_message ? `: ${session.last_message.preview}` : "";
		say(
			`You are asked to take the chat with ${contactName(session.contact)}${said}. Y takes it, N declines.`,
		);
	});

	const answer = async (word: "accept" | "decline", named: SessionId | undefined) => {
		const one = asked.peek().find(({ session }) => named === undefined || session.id === named);
		if (!one || one.busy) return;
		const { id } = one.session;
		const busy = (on: boolean) => {
			asked.value = asked.peek().map((other) => (other.session.id === id ? { ...other, busy: on } : other));
		};
		busy(true);
		if (word === "accept") taking(id, true);
		try {
			await client.http.post<SessionSummary>(`/sessions/${encodeURIComponent(id)}/${word}`);
			forget(id);
			if (word === "accept") onTaken(id);
			else say("Declined");
		} catch (error) {
			onError(error);
			if (!(error instanceof HttpError)) throw error;
			tell(error.message);
			if (error.retryable) busy(false);
			else forget(id);
		} finally {
			taking(id, false);
		}
	};

	return {
		asked,
		accept: (id) => answer("accept", id),
		decline: (id) => answer("decline", id),
		close() {
			stopNews();
			for (const timer of timers.values()) clearTimeout(timer);
		},
	};
}

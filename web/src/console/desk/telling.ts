/** What the desk tells assistive technology by itself. */

import { effect, type ReadonlySignal, untracked } from "@preact/signals";
import type { Client, ListSnapshot } from "../../client/index.js";
import type { SessionSummary, ViewName, You } from "../../protocol/types.js";
import { contactName } from "../names.js";
import { VIEWS } from "../router.js";
import type { OpenChat } from "../thread/open-chat.js";
import type { Announcer } from "./announcer.js";
import { canResolve, canTake } from "./can.js";

/** What was last known of a chat. */
interface Known {
	readonly seq: number;
	readonly aside: boolean;
	readonly mine: boolean;
}

interface TellingOptions {
	readonly client: Client;
	readonly me: You;
	readonly openId: () => string | null;
	readonly lists: Readonly<Record<ViewName, ReadonlySignal<ListSnapshot>>>;
	readonly announcer: Announcer;
	/** A chat that is not open has become mine. */
	readonly onGiven: (summary: SessionSummary) => void;
}

/** Tells of messages: in the open chat as they come, of my other chats, of new ones and of those that come back by the lists. */
export function tellMessages(around: TellingOptions): () => void {
	const { client, me, openId, lists, announcer, onGiven } = around;
	const known = new Map<string, Known>();
	const know = (summary: SessionSummary) => {
		known.set(summary.id, {
			seq: summary.last_message?.seq ?? 0,
			aside: Boolean(summary.snoozed_until),
			mine: summary.assignee?.id === me.id,
		});
	};
	// What stands in the lists when they first come is not news.
	const stopLists = VIEWS.map((view) => {
		let seen = false;
		return effect(() => {
			const { loading, sessions } = lists[view].value;
			if (loading || seen) return;
			seen = true;
			for (const session of sessions) if (!known.has(session.id)) know(session);
		});
	});
	const settled = () => VIEWS.every((view) => !lists[view].peek().loading);
	const stopEntries = client.onEntry((session, entry) => {
		if (session !== openId() || entry.kind === "event" || entry.sender.kind === "system") return;
		if (entry.sender.id === me.id) return;
		announcer.message(session, `${entry.sender.name ?? "Customer"}: ${entry.body}`);
	});
	const stopSummaries = client.onSession((summary) => {
		const before = known.get(summary.id);
		const last = summary.last_message;
		know(summary);
		if (summary.id === openId() || !settled()) return;
		const name = contactName(summary.contact);
		const mine = summary.assignee?.id === me.id;
		const aside = Boolean(summary.snoozed_until);
		if (mine && !before?.mine && canResolve(summary)) onGiven(summary);
		else if (before === undefined) {
			if (canTake(summary)) announcer.message(summary.id, `New chat from ${name}`);
		} else if (mine && last && last.seq > before.seq && last.sender === "customer") {
			announcer.message(summary.id, `${name}: ${last.preview}`);
		} else if (before.aside && !aside && (mine ? canResolve(summary) : canTake(summary))) {
			announcer.message(summary.id, `The chat with ${name} is back`);
		}
	});
	return () => {
		for (const stop of stopLists) stop();
		stopEntries();
		stopSummaries();
	};
}

/** Tells when a message could not be sent: the eyes may be on the field by then. */
export function tellFailures(chat: ReadonlySignal<OpenChat | null>, announcer: Announcer): () => void {
	const told = new Set<string>();
	return effect(() => {
		for (const { id, status } of chat.value?.snapshot.value.outbox ?? []) {
			if (status.state !== "failed") told.delete(id);
			else if (!told.has(id)) {
				told.add(id);
				untracked(() => announcer.say(`Not sent: ${status.message}`));
			}
		}
	});
}

/** Tells when the connection has been gone for a while, and when it is back. */
export function tellConnection(away: ReadonlySignal<boolean>, announcer: Announcer): () => void {
	let told = false;
	return effect(() => {
		if (away.value === told) return;
		told = away.value;
		untracked(() => announcer.say(told ? "Offline. Trying again." : "Back online"));
	});
}

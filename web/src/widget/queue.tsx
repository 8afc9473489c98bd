import type { SessionSnapshot } from "../client/api.js";
import { messageText } from "./groups.js";
import type { Model } from "./model.js";
import { useObservable } from "./observe.js";
import { words } from "./words.js";

/** Where the visitor stands in line. Its room is kept while nobody has answered, so that nothing jumps. */
export function QueueLine({ model }: { model: Model }) {
	const chat = useObservable(model.chats).at(-1);
	const trouble = useObservable(model.trouble);
	const { stopped } = useObservable(model.status);
	const place = trouble || stopped !== undefined ? null : chat?.place;
	const message = chat === undefined || place ? null : takenAsMessage(chat);
	// A status is read out politely; it is always there, since what comes together with its words is not read.
	return (
		<p class={chat !== undefined && isWaiting(chat) ? "queue" : "unseen"} role="status" aria-atomic="true">
			{message !== null && <span class="unseen">{message}</span>}
			{place && <span>{words.inLine(place.position)}</span>}
			{place && place.estimateS !== null && (
				<span class="queue-wait">{` ${words.wait(place.estimateS)}`}</span>
			)}
		</p>
	);
}

/** The words that the visitor was told in place of a place in line, until somebody answers. */
function takenAsMessage({ entries }: SessionSnapshot): string | null {
	const last = entries.findLast(
		({ kind, sender, event }) =>
			(kind === "message" && sender.kind === "agent") ||
			(event?.type === "assigned" && event.agent !== null) ||
			event?.type === "taken_as_message",
	);
	if (last?.event?.type !== "taken_as_message") return null;
	return messageText(last.event, Date.parse(last.created_at));
}

/** As far as its log tells. */
function isWaiting(chat: SessionSnapshot): boolean {
	const { summary, entries, place } = chat;
	if (place !== null) return true;
	if (takenAsMessage(chat) !== null) return false;
	if (summary === null || summary.assignee !== null) return false;
	const answered = entries.some(({ kind, sender }) => kind === "message" && sender.kind === "agent");
	return !answered && summary.status === "open";
}

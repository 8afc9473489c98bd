import type { SessionSnapshot } from "../client/api.js";
import type { Model } from "./model.js";
import { useObservable } from "./observe.js";
import { words } from "./words.js";

/** Where the visitor stands in line. Its room is kept while nobody has answered, so that nothing jumps. */
export function QueueLine({ model }: { model: Model }) {
	const chat = useObservable(model.chats).at(-1);
	const trouble = useObservable(model.trouble);
	const place = trouble ? null : chat?.place;
	// A status is read out politely; it is always there, since what comes together with its words is not read.
	return (
		<p class={chat !== undefined && isWaiting(chat) ? "queue" : "unseen"} role="status" aria-atomic="true">
			{place && <span>{words.inLine(place.position)}</span>}
			{place && place.estimateS !== null && (
				<span class="queue-wait">{` ${words.wait(place.estimateS)}`}</span>
			)}
		</p>
	);
}

/** As far as its log tells. */
function isWaiting({ summary, entries, place }: SessionSnapshot): boolean {
	if (place !== null) return true;
	if (summary === null || summary.assignee !== null) return false;
	const answered = entries.some(({ kind, sender }) => kind === "message" && sender.kind === "agent");
	return !answered && summary.status === "open";
}

import { useState } from "preact/hooks";
import type { Entry, Routed } from "../../protocol/types.js";
import { clock } from "../times.js";
import { eventWords, weightiest } from "./event-words.js";
import { skippedWords } from "./routed-words.js";

const SHOWN = 2;

/** A run of events in one line; a long run is folded to what matters most. */
export function EventLine({ entries, meId }: { entries: readonly Entry[]; meId: string }) {
	const [unfolded, setUnfolded] = useState(false);
	const shown = unfolded || entries.length <= SHOWN + 1 ? entries : weightiest(entries, SHOWN);
	const rest = entries.length - shown.length;
	const last = shown.at(-1);
	return (
		<div class="events">
			<span dir="auto">{shown.map((entry) => eventWords(entry, meId)).join(" · ")}</span>
			{rest > 0 ? (
				<button type="button" class="link" onClick={() => setUnfolded(true)}>
					{rest} more
				</button>
			) : (
				last && <span class="events-at">{clock(last.created_at)}</span>
			)}
			{shown.map(
				({ id, event }) =>
					event?.type === "routed" && event.why.chosen && <Passed key={id} why={event.why} meId={meId} />,
			)}
		</div>
	);
}

/** Who could not take the chat, to be unfolded. */
function Passed({ why, meId }: { why: Routed; meId: string }) {
	const count = why.skipped.length + why.skipped_more;
	if (count === 0) return null;
	return (
		<details class="passed">
			<summary>{count} skipped</summary>
			<ul>
				{why.skipped.map((one) => (
					<li key={one.agent.id} dir="auto">
						{skippedWords(one, meId)}
					</li>
				))}
				{why.skipped_more > 0 && <li>and {why.skipped_more} more</li>}
			</ul>
		</details>
	);
}

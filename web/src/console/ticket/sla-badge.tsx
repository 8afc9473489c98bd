import type { SessionSummary, SlaDue, SlaStanding } from "../../protocol/types.js";
import { AlertIcon, ClockIcon } from "../../ui/icons.js";
import { TARGET_WORDS } from "../names.js";
import { coming, dayAndClock } from "../times.js";
import { useNow } from "../use-now.js";
import { leftWords, type Pressing, pressing, stateOf } from "./sla.js";

/** The time that is left, short, as a row of the list has room for. */
export function RowSla({ session, now }: { session: SessionSummary; now: number }) {
	const most = pressing(session, now);
	if (!most) return null;
	return (
		<span class={`sla sla-${most.state}`} title={titleOf(most, now)}>
			<Sign most={most} />
			<span class="unseen">{TARGET_WORDS[most.target]}: </span>
			{leftWords(most, now)}
		</span>
	);
}

/** The same with what it is for, in the head of a chat. */
export function HeadSla({ session }: { session: SessionSummary }) {
	const now = useNow(10_000);
	const most = pressing(session, now);
	if (!most) return null;
	return (
		<>
			<span aria-hidden="true">·</span>
			<span class={`sla sla-${most.state}`} title={titleOf(most, now)}>
				<Sign most={most} />
				<span class="wide-word">{TARGET_WORDS[most.target]}: </span>
				{leftWords(most, now)}
			</span>
		</>
	);
}

function Sign({ most: { state } }: { most: Pressing }) {
	return state === "fine" ? <ClockIcon size={16} /> : <AlertIcon size={16} />;
}

const titleOf = ({ target, dueAt }: Pressing, now: number): string =>
	`${TARGET_WORDS[target]} due ${dueAt > now ? coming(dueAt, now) : dayAndClock(dueAt, now)}`;

/** All that was promised of a chat, in the side panel. */
export function SideSla({ sla }: { sla: SlaStanding }) {
	const now = useNow(10_000);
	const promises = (["first_response", "next_response", "resolution"] as const).flatMap((target) => {
		const due = sla[target];
		return due ? [[target, due] as const] : [];
	});
	if (promises.length === 0) return null;
	return (
		<section class="side-part">
			<h3>
				Service level: <bdi>{sla.policy}</bdi>
			</h3>
			<dl>
				{promises.map(([target, due]) => (
					<div key={target}>
						<dt>{TARGET_WORDS[target]}</dt>
						<dd class={due.met_at ? undefined : `sla-${stateOf(due, now)}`}>{dueWords(due, now)}</dd>
					</div>
				))}
			</dl>
		</section>
	);
}

function dueWords(due: SlaDue, now: number): string {
	const breached = stateOf(due, now) === "breached";
	if (due.met_at) return breached ? `Late, ${dayAndClock(due.met_at, now)}` : "In time";
	return breached ? `Late, was due ${dayAndClock(due.due_at, now)}` : `Due ${coming(due.due_at, now)}`;
}

import { useEffect, useState } from "preact/hooks";
import type { OutboxStatus } from "../client/api.js";
import type { Reach } from "../client/reach.js";
import { AlertIcon } from "../ui/icons.js";
import { DeliverySign, type DeliveryState } from "../ui/marks.js";
import type { Line } from "./groups.js";
import type { Model } from "./model.js";
import { useObservable } from "./observe.js";
import { words } from "./words.js";

interface DeliveryProps {
	readonly line: Line;
	readonly reach: Reach;
	readonly model: Model;
}

/** How far the last own message has come, in a sign and a word. */
export function Delivery({ line, reach, model }: DeliveryProps) {
	const trouble = useObservable(model.trouble);
	const retryAt = pausedUntil(line.outbox?.status);
	const seconds = useCountdown(model, retryAt);
	const state = stateOf(line, reach);
	const text =
		state !== "sending"
			? words[state]
			: seconds > 0
				? words.slowed(seconds)
				: trouble
					? words.waits
					: words.sending;
	// A message that is sent in no time must not flash a clock.
	const late = state === "sending" && seconds === 0 && !trouble;
	return (
		<p class={late ? "delivery delivery-late" : "delivery"}>
			<DeliverySign state={state} />
			<span>{text}</span>
		</p>
	);
}

function stateOf(line: Line, reach: Reach): Exclude<DeliveryState, "failed"> {
	if (line.outbox !== null) return line.outbox.status.state === "sent" ? "sent" : "sending";
	if (line.seq === null) return "sending";
	if (reach.read >= line.seq) return "read";
	return reach.delivered >= line.seq ? "delivered" : "sent";
}

function pausedUntil(status: OutboxStatus | undefined): number | null {
	return status?.state === "queued" && status.code === "rate_limited" ? status.retryAt : null;
}

/** Seconds until then; 0 when it is past, or there is nothing to wait for. */
function useCountdown(model: Model, until: number | null): number {
	const [, setTick] = useState(0);
	const { platform } = model;
	const left = until === null ? 0 : Math.max(0, Math.ceil((until - platform.now()) / 1000));
	useEffect(() => {
		if (left === 0) return;
		return platform.after(1000, () => setTick((tick) => tick + 1));
	});
	return left;
}

export function FailedActions({ line, model }: { line: Line; model: Model }) {
	return (
		<p class="failed">
			<AlertIcon size={16} />
			<span>{words.notSent}</span>
			{!model.status.get().stopped && (
				<button type="button" class="failed-button" onClick={() => model.retry(line.key)}>
					{words.tryAgain}
				</button>
			)}
			<button type="button" class="failed-button" onClick={() => model.discard(line.key)}>
				{words.remove}
			</button>
		</p>
	);
}

/** Small marks with their words: a session's status, a message's way, the waiting dots, our logo. */

import type { Availability, Priority, Status } from "../protocol/types.js";
import { AlertIcon, CheckIcon, ClockIcon, DoubleCheckIcon } from "./icons.js";

/** The 14 px ring of a status; the word is the caller's. */
export function StatusRing({ status }: { status: Status }) {
	return (
		<svg
			class={`ring ring-${status}`}
			width="14"
			height="14"
			viewBox="0 0 14 14"
			aria-hidden="true"
			focusable="false"
		>
			{status === "resolved" ? (
				<>
					<circle cx="7" cy="7" r="6.25" fill="currentColor" />
					<path
						class="ring-cut"
						d="m4.25 7.25 2 2 3.5-4.25"
						fill="none"
						stroke-width="1.5"
						stroke-linecap="round"
						stroke-linejoin="round"
					/>
				</>
			) : (
				<circle cx="7" cy="7" r="5.5" fill="none" stroke="currentColor" stroke-width="1.5" />
			)}
			{status === "in_progress" && <path d="M7 3.5a3.5 3.5 0 0 1 0 7Z" fill="currentColor" />}
			{status === "closed" && (
				<path d="M4.75 7h4.5" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" />
			)}
		</svg>
	);
}

/** The 12 px disc of what somebody is to the team, each of a form of its own; the word is the caller's. */
export function AvailabilityMark({ status }: { status: Availability }) {
	const full = status === "online" || status === "busy";
	return (
		<svg
			class={`availability availability-${status}`}
			width="12"
			height="12"
			viewBox="0 0 12 12"
			aria-hidden="true"
			focusable="false"
		>
			<circle
				cx="6"
				cy="6"
				r={full ? 5.5 : 4.75}
				fill={full ? "currentColor" : "none"}
				stroke={full ? "none" : "currentColor"}
				stroke-width="1.5"
			/>
			{status === "busy" && <path class="availability-cut" d="M3.5 6h5" stroke-width="1.75" />}
			{status === "away" && (
				<path d="M6 3.5V6l1.75 1.25" fill="none" stroke="currentColor" stroke-width="1.25" />
			)}
		</svg>
	);
}

const CHEVRONS: Readonly<Record<Exclude<Priority, "normal">, string>> = {
	low: "m4 6.5 4 4 4-4",
	high: "m4 9.5 4-4 4 4",
	urgent: "m4 7.5 4-4 4 4M4 12.5l4-4 4 4",
};

/** The 16 px chevron of a priority; normal has none. The word is the caller's. */
export function PriorityMark({ priority }: { priority: Exclude<Priority, "normal"> }) {
	return (
		<svg
			class={`icon priority-${priority}`}
			width="16"
			height="16"
			viewBox="0 0 16 16"
			fill="none"
			stroke="currentColor"
			stroke-width="1.75"
			stroke-linecap="round"
			stroke-linejoin="round"
			aria-hidden="true"
			focusable="false"
		>
			<path d={CHEVRONS[priority]} />
		</svg>
	);
}

/** How far a message has come. */
export type DeliveryState = "sending" | "sent" | "delivered" | "read" | "failed";

/** The sign of a delivery state; the word is the caller's, since both faces speak differently. */
export function DeliverySign({ state }: { state: DeliveryState }) {
	switch (state) {
		case "sending":
			return <ClockIcon size={16} />;
		case "sent":
			return <CheckIcon size={16} />;
		case "delivered":
			return <DoubleCheckIcon size={16} />;
		case "read":
			return <DoubleCheckIcon size={16} class="sign-read" />;
		case "failed":
			return <AlertIcon size={16} class="sign-failed" />;
	}
}

/** Three dots: somebody is writing. Static where movement is not wanted; the words stand beside. */
export function TypingDots() {
	return (
		<span class="dots" aria-hidden="true">
			<span />
			<span />
			<span />
		</span>
	);
}

/** Our own mark. */
export function Logo({ size = 24 }: { size?: 24 | 36 }) {
	return (
		<svg class="logo" width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
			<path class="logo-ground" d="M16 1a15 15 0 1 0 0 30h11a4 4 0 0 0 4-4V16A15 15 0 0 0 16 1Z" />
			<path class="logo-bars" d="M10.5 13v6M16 10v12M21.5 13v6" stroke-width="2.6" stroke-linecap="round" />
		</svg>
	);
}

import type { TimeSpan } from "../../../protocol/types.js";
import { AlertIcon, CloseIcon, PlusIcon } from "../../../ui/icons.js";
import type { Faults } from "../faults.js";
import { endMeant, endShown, nextSpan } from "./hours-form.js";

/** The open hours of a day. */
export function Spans({
	field,
	day,
	spans,
	faults,
	closed,
	onSpans,
}: {
	/** As the server names it: `hours.week.mon`. */
	field: string;
	/** As people name it: "on Monday". */
	day: string;
	spans: readonly TimeSpan[];
	faults: Faults;
	/** What is said where there are none. */
	closed: string;
	onSpans: (spans: TimeSpan[]) => void;
}) {
	const fault = faults.fields.find((one) => one.field === field || one.field.startsWith(`${field}[`));
	const errorId = `${field}-error`;
	const more = nextSpan(spans);
	const time = (at: number, part: "from" | "to") => {
		const wrong = fault?.field === `${field}[${at}].${part}`;
		const value = spans[at]?.[part] ?? "";
		return (
			<input
				class={wrong ? "text-field wrong" : "text-field"}
				type="time"
				aria-label={`${part === "from" ? "Open from" : "Open until"}, ${day}`}
				aria-invalid={wrong ? true : undefined}
				aria-describedby={wrong ? errorId : undefined}
				value={part === "to" ? endShown(value) : value}
				onInput={(event) => {
					const text = event.currentTarget.value;
					const next = part === "to" ? endMeant(text) : text;
					onSpans(spans.map((span, index) => (index === at ? { ...span, [part]: next } : span)));
				}}
			/>
		);
	};
	return (
		<div class="spans">
			{spans.length === 0 && <p class="spans-closed">{closed}</p>}
			<ul>
				{spans.map((_, at) => (
					<li key={at}>
						{time(at, "from")}
						<span aria-hidden="true">to</span>
						{time(at, "to")}
						<button
							type="button"
							class="icon-button"
							aria-label={`Remove these hours, ${day}`}
							title="Remove"
							onClick={({ currentTarget }) => {
								const row = currentTarget.closest(".spans");
								onSpans(spans.filter((_, index) => index !== at));
								requestAnimationFrame(() => row?.querySelector<HTMLElement>(".add")?.focus());
							}}
						>
							<CloseIcon size={16} />
						</button>
					</li>
				))}
			</ul>
			{fault && (
				<p class="form-error" id={errorId} role="alert">
					<AlertIcon size={16} />
					<span>
						{calls(fault.field)} {fault.message}.
					</span>
				</p>
			)}
			<button
				type="button"
				class="button outline small add"
				aria-label={`Add hours, ${day}`}
				aria-disabled={more === null}
				onClick={() => more && onSpans([...spans, more])}
			>
				<PlusIcon size={16} />
				Add hours
			</button>
		</div>
	);
}

const calls = (field: string): string =>
	field.endsWith(".from") ? "The beginning" : field.endsWith(".to") ? "The end" : "This day";

/** Several values: written one after the other, or chosen from those that there are. */

import { useRef, useState } from "preact/hooks";
import { CloseIcon } from "../../../ui/icons.js";
import { Choices, FieldNotes } from "../fields.js";

/** What both have. */
interface ValuesProps {
	readonly id: string;
	readonly label: string;
	readonly value: readonly string[];
	readonly error: string | null;
	readonly onValue: (value: string[]) => void;
}

/** A text as one value; null: it can be none. */
type Read = (text: string) => string | null;

const asItIs: Read = (text) => text.trim() || null;

/** As the server tidies tags. */
export const asTag: Read = (text) => text.trim().replaceAll(/\s+/g, " ").toLowerCase() || null;

/** Values that are written. What is still being written counts, so that nothing is lost by saving early. */
export function WrittenValues({
	id,
	label,
	value,
	error,
	onValue,
	read = asItIs,
	show = (one) => one,
	unknown = "",
	offers = [],
	placeholder,
	further = "or …",
	commas = false,
}: ValuesProps & {
	readonly read?: Read;
	/** What a value is called. */
	readonly show?: (value: string) => string;
	/** What is said of a text that is no value. */
	readonly unknown?: string;
	readonly offers?: readonly string[];
	readonly placeholder: string;
	/** The same behind other values. */
	readonly further?: string;
	/** A comma ends a value, as Enter does. */
	readonly commas?: boolean;
}) {
	const field = useRef<HTMLInputElement>(null);
	const [typed, setTyped] = useState("");
	const [odd, setOdd] = useState(false);
	const pending = read(typed);
	const done = pending !== null && value.at(-1) === pending ? value.slice(0, -1) : value;

	const write = (text: string) => {
		const parts = commas ? text.split(",") : [text];
		const rest = parts.pop() ?? "";
		const next = [...done, ...[...parts, rest].map(read).filter((one) => one !== null)];
		setOdd(false);
		setTyped(rest);
		onValue([...new Set(next)]);
	};
	const finish = () => {
		if (pending === null && typed.trim() !== "") setOdd(true);
		else setTyped("");
	};
	const trouble = odd ? `“${typed.trim()}” ${unknown}` : error;
	return (
		<div class="values">
			<div class={trouble ? "text-field tag-frame wrong" : "text-field tag-frame"}>
				{done.map((one) => (
					<span class="tag" key={one}>
						<bdi>{show(one)}</bdi>
						<button
							type="button"
							aria-label={`Remove ${show(one)}`}
							title="Remove"
							onClick={() => {
								onValue(value.filter((other) => other !== one));
								field.current?.focus();
							}}
						>
							<CloseIcon size={16} />
						</button>
					</span>
				))}
				<input
					id={id}
					ref={field}
					dir="auto"
					aria-label={label}
					autocomplete="off"
					autocapitalize="none"
					placeholder={done.length === 0 ? placeholder : further}
					value={typed}
					aria-invalid={trouble ? true : undefined}
					aria-describedby={trouble ? `${id}-error` : undefined}
					{...({ type: "text", ...(offers.length > 0 ? { list: `${id}-offers` } : {}) } as { type: "text" })}
					onInput={(event) => write(event.currentTarget.value)}
					onBlur={finish}
					onKeyDown={(event) => {
						if (event.isComposing) return;
						if (event.key === "Enter" && typed.trim() !== "") {
							event.preventDefault();
							finish();
						} else if (event.key === "Backspace" && typed === "" && value.length > 0) {
							onValue(value.slice(0, -1));
						}
					}}
				/>
			</div>
			{offers.length > 0 && (
				<datalist id={`${id}-offers`}>
					{offers.map((one) => (
						<option key={one} value={one} />
					))}
				</datalist>
			)}
			<FieldNotes id={id} help={null} error={trouble} />
		</div>
	);
}

/** Values that are chosen. */
export function ChosenValues(
	props: ValuesProps & {
		readonly options: readonly (readonly [value: string, words: string])[];
		/** What is said where there is nothing to choose. */
		readonly none: string;
	},
) {
	return (
		<fieldset class="values" aria-label={props.label}>
			<Choices {...props} look="pill" />
			<FieldNotes id={props.id} help={null} error={props.error} />
		</fieldset>
	);
}

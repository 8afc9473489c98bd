import type { ComponentChildren, InputHTMLAttributes } from "preact";
import { useState } from "preact/hooks";
import { AlertIcon, EyeIcon } from "../../ui/icons.js";

/** A labelled field with its error below. */
export interface FieldProps {
	readonly id: string;
	readonly label: string;
	readonly type: "email" | "password" | "text";
	readonly value: string;
	readonly onValue: (value: string) => void;
	readonly autocomplete: NonNullable<InputHTMLAttributes["autocomplete"]>;
	readonly error?: ComponentChildren;
	readonly help?: string;
	readonly autofocus?: boolean;
}

/** One field of the way in. A password can be looked at. */
export function Field(props: FieldProps) {
	const { id, label, type, value, onValue, autocomplete, error, help } = props;
	const [shown, setShown] = useState(false);
	const kind =
		type === "email"
			? ({ type: "email" } as const)
			: type === "text" || shown
				? ({ type: "text" } as const)
				: ({ type: "password" } as const);
	// The error says what the help said, and more.
	const described = error ? `${id}-error` : help ? `${id}-help` : undefined;
	return (
		<div class="field">
			<label for={id}>{label}</label>
			<div class={error ? "field-frame wrong" : "field-frame"}>
				<input
					id={id}
					name={id}
					{...kind}
					value={value}
					onInput={(event) => onValue(event.currentTarget.value)}
					autocomplete={autocomplete}
					autocapitalize="none"
					spellcheck={false}
					aria-invalid={error ? true : undefined}
					aria-describedby={described}
					ref={(input) => {
						if (props.autofocus && input && !input.dataset.met) {
							input.dataset.met = "yes";
							input.focus();
						}
					}}
				/>
				{type === "password" && (
					<button
						type="button"
						class="icon-button"
						aria-pressed={shown}
						aria-label={`Show ${label.toLowerCase()}`}
						title={shown ? "Hide" : "Show"}
						onClick={() => setShown(!shown)}
					>
						<EyeIcon />
					</button>
				)}
			</div>
			{help && !error && (
				<p class="field-help" id={`${id}-help`}>
					{help}
				</p>
			)}
			{error && (
				<p class="field-error" id={`${id}-error`}>
					<AlertIcon size={16} />
					<span>{error}</span>
				</p>
			)}
		</div>
	);
}

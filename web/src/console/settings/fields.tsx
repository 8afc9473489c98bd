/** The fields of the settings: a label, a control, what it is for, what is wrong with it. */

import type { ComponentChildren, InputHTMLAttributes } from "preact";
import { AlertIcon } from "../../ui/icons.js";

/** What every field has. */
export interface FieldProps {
	readonly id: string;
	readonly label: string;
	readonly help?: ComponentChildren;
	readonly error?: string | null;
	readonly optional?: boolean;
}

/** What a control has of its field. */
export const controlProps = ({ id, help, error }: FieldProps) => ({
	id,
	"aria-invalid": error ? (true as const) : undefined,
	"aria-describedby": [error && `${id}-error`, help && `${id}-help`].filter(Boolean).join(" ") || undefined,
});

/** The help and the fault below a control. */
export function FieldNotes({ id, help, error }: Pick<FieldProps, "id" | "help" | "error">) {
	return (
		<>
			{error && (
				<p class="form-error" id={`${id}-error`} role="alert">
					<AlertIcon size={16} />
					<span dir="auto">{error}</span>
				</p>
			)}
			{help && (
				<p class="form-help" id={`${id}-help`}>
					<span>{help}</span>
				</p>
			)}
		</>
	);
}

/** A field around one control, which takes `controlProps`. */
export function Field({ children, ...field }: FieldProps & { children: ComponentChildren }) {
	return (
		<div class="form-field">
			<label for={field.id}>
				{field.label}
				{field.optional && <span class="optional">Optional</span>}
			</label>
			<div class="form-control">
				{children}
				<FieldNotes {...field} />
			</div>
		</div>
	);
}

const lookOf = (error: string | null | undefined): string => (error ? "text-field wrong" : "text-field");

/** What a line of text takes besides. */
export interface TextFieldProps extends FieldProps {
	readonly value: string;
	readonly onValue: (value: string) => void;
	readonly type?: "text" | "email" | "url" | "password" | "number" | "search";
	readonly autocomplete?: NonNullable<InputHTMLAttributes["autocomplete"]>;
	readonly placeholder?: string;
	readonly autofocus?: boolean;
	readonly inputMode?: "numeric";
	readonly list?: string;
}

/** One line. */
export function TextField(props: TextFieldProps) {
	const { value, onValue, type = "text", autocomplete = "off", autofocus } = props;
	const code = type === "email" || type === "url" || type === "password";
	return (
		<Field {...props}>
			<input
				{...controlProps(props)}
				class={lookOf(props.error)}
				{...({ type } as { type: "text" })}
				dir={code ? "ltr" : "auto"}
				autocomplete={autocomplete}
				{...(code ? { autocapitalize: "none", spellcheck: false } : {})}
				{...(props.placeholder ? { placeholder: props.placeholder } : {})}
				{...(props.inputMode ? { inputMode: props.inputMode } : {})}
				{...(props.list ? { list: props.list } : {})}
				{...(autofocus ? { autofocus: true } : {})}
				value={value}
				onInput={(event) => onValue(event.currentTarget.value)}
			/>
		</Field>
	);
}

/** Several lines. */
export function TextArea(
	props: FieldProps & {
		readonly value: string;
		readonly onValue: (value: string) => void;
		readonly rows: number;
		readonly placeholder?: string;
	},
) {
	return (
		<Field {...props}>
			<textarea
				{...controlProps(props)}
				class={`${lookOf(props.error)} lines`}
				dir="auto"
				rows={props.rows}
				{...(props.placeholder ? { placeholder: props.placeholder } : {})}
				value={props.value}
				onInput={(event) => props.onValue(event.currentTarget.value)}
			/>
		</Field>
	);
}

/** One of a few. */
export function Segments<T extends string>(
	props: FieldProps & {
		readonly value: T;
		readonly options: readonly (readonly [value: T, words: string])[];
		readonly onValue: (value: T) => void;
	},
) {
	const { id, label, value, options, onValue, error } = props;
	return (
		<div class="form-field">
			<span class="form-label" id={`${id}-label`}>
				{label}
			</span>
			<div class="form-control">
				<div
					class="segment-track"
					role="radiogroup"
					aria-labelledby={`${id}-label`}
					aria-describedby={controlProps(props)["aria-describedby"]}
				>
					{options.map(([one, words]) => (
						<label key={one} class="segment">
							<input
								type="radio"
								name={id}
								value={one}
								checked={one === value}
								aria-invalid={error ? true : undefined}
								onChange={() => onValue(one)}
							/>
							<span>{words}</span>
						</label>
					))}
				</div>
				<FieldNotes {...props} />
			</div>
		</div>
	);
}

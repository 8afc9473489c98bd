/** The fields of the settings: a label, a control, what it is for, what is wrong with it. */

import type { ComponentChildren, InputHTMLAttributes } from "preact";
import { useState } from "preact/hooks";
import { AlertIcon } from "../../ui/icons.js";
import { holds } from "../ticket/colleagues.js";

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
	readonly type?: "text" | "email" | "url" | "password" | "number" | "search" | "date";
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

type Options<T extends string> = readonly (readonly [value: T, words: string])[];

/** Any number of many, to be found by name where they are too many to be seen at once. */
export function Checks<T extends string>(
	props: FieldProps & {
		readonly value: readonly T[];
		readonly options: Options<T>;
		/** What is said where there is nothing to choose. */
		readonly none: string;
		/** One below the other, or side by side. */
		readonly look?: "check" | "pill";
		readonly onValue: (value: T[]) => void;
	},
) {
	const { id, label, look = "check" } = props;
	return (
		<div class="form-field">
			<span class="form-label" id={`${id}-label`}>
				{label}
			</span>
			<fieldset class="form-control" aria-labelledby={`${id}-label`}>
				<Choices {...props} look={look} />
				<FieldNotes {...props} />
			</fieldset>
		</div>
	);
}

/** From so many on they are looked for by name. */
const MANY = 8;

/** The choices of a field: one below the other, or side by side. What is chosen stays to be seen, whatever has become of it. */
export function Choices<T extends string>({
	id,
	label,
	value,
	options,
	none,
	onValue,
	error,
	look,
}: Pick<FieldProps, "id" | "label" | "error"> & {
	readonly value: readonly T[];
	readonly options: Options<T>;
	readonly none: string;
	readonly onValue: (value: T[]) => void;
	readonly look: "check" | "pill";
}) {
	const [looked, setLooked] = useState("");
	const gone = value
		.filter((one) => !options.some(([other]) => other === one))
		.map((one) => [one, "gone"] as const);
	const shown = options.filter(([one, words]) => value.includes(one) || holds(words, looked));
	return (
		<>
			{options.length > MANY && (
				<input
					class="text-field search"
					type="search"
					dir="auto"
					aria-label={`Find in ${label.toLowerCase()}`}
					placeholder="Find by name"
					value={looked}
					onInput={(event) => setLooked(event.currentTarget.value)}
					onKeyDown={(event) => {
						if (event.key === "Enter") event.preventDefault();
					}}
				/>
			)}
			<ul class={`${look}s`}>
				{[...shown, ...gone].map(([one, words]) => (
					<li key={one}>
						<label class={look}>
							<input
								type="checkbox"
								checked={value.includes(one)}
								aria-invalid={error ? true : undefined}
								aria-describedby={error ? `${id}-error` : undefined}
								onChange={(event) =>
									onValue(
										event.currentTarget.checked ? [...value, one] : value.filter((other) => other !== one),
									)
								}
							/>
							<bdi>{words}</bdi>
						</label>
					</li>
				))}
			</ul>
			{options.length === 0 && gone.length === 0 && none && <p class="form-help">{none}</p>}
		</>
	);
}

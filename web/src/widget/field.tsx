import type { ComponentChildren } from "preact";
import type { PrechatName } from "../protocol/types.js";
import { AlertIcon } from "../ui/icons.js";
import { words } from "./words.js";

export interface FieldProps {
	readonly name: PrechatName;
	readonly label: string;
	readonly optional: boolean;
	readonly error: string | undefined;
	readonly value: string;
	/** Where writing begins. */
	readonly first: boolean;
	onWrite(value: string): void;
	onLeave(): void;
}

export const fieldId = (name: PrechatName): string => `hubbub-${name}`;
export const errorId = (name: PrechatName): string => `hubbub-${name}-error`;

/** A label above, an error below. */
export function FieldFrame({
	name,
	label,
	optional,
	error,
	children,
}: Pick<FieldProps, "name" | "label" | "optional" | "error"> & { children: ComponentChildren }) {
	return (
		<div class="field">
			<div class="field-head">
				<label for={fieldId(name)}>{label}</label>
				{optional && <span class="field-optional">{words.optional}</span>}
			</div>
			{children}
			{error !== undefined && (
				<p class="field-error" id={errorId(name)}>
					<AlertIcon size={16} />
					<span>{error}</span>
				</p>
			)}
		</div>
	);
}

/** What every input of the form has. */
export function inputProps({ name, error, value, optional, first, onWrite, onLeave }: FieldProps) {
	return {
		id: fieldId(name),
		name,
		value,
		"aria-required": !optional,
		"aria-invalid": error !== undefined,
		"aria-describedby": error === undefined ? undefined : errorId(name),
		"data-first": first ? "" : undefined,
		onInput: (event: { readonly currentTarget: { readonly value: string } }) =>
			onWrite(event.currentTarget.value),
		onBlur: onLeave,
	};
}

export function Field(props: FieldProps & { readonly maxLength: number }) {
	const { name, error, maxLength } = props;
	const common = inputProps(props);
	const look = error === undefined ? "input" : "input input-wrong";
	return (
		<FieldFrame {...props}>
			{name === "message" ? (
				<textarea
					{...common}
					class={`${look} input-tall`}
					rows={3}
					dir="auto"
					maxLength={maxLength}
					placeholder={words.messageHint}
				/>
			) : name === "email" ? (
				<input {...common} class={look} type="email" dir="ltr" autocomplete="email" maxLength={maxLength} />
			) : (
				<input {...common} class={look} type="text" dir="auto" autocomplete="name" maxLength={maxLength} />
			)}
		</FieldFrame>
	);
}

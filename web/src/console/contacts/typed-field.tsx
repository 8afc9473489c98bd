import type { Attribute } from "../../protocol/types.js";
import { controlProps, Field, TextField } from "../settings/fields.js";

/** A field for a value of this attribute; empty is none. */
export function TypedField({ id, attribute, value, error, onValue }: TypedFieldProps) {
	const { kind, label, about, choices } = attribute;
	const field = { id, label, help: about, error, optional: true };
	const options = kind === "boolean" ? ["true", "false"] : kind === "list" ? choices : null;
	if (options) {
		// A value from before the choices were others is still one.
		const all = value === "" || options.includes(value) ? options : [value, ...options];
		return (
			<Field {...field}>
				<select
					{...controlProps(field)}
					class="text-field"
					value={value}
					onChange={(event) => onValue(event.currentTarget.value)}
				>
					<option value="">Not known</option>
					{all.map((one) => (
						<option key={one} value={one}>
							{kind === "boolean" ? (one === "true" ? "Yes" : "No") : one}
						</option>
					))}
				</select>
			</Field>
		);
	}
	const type = kind === "url" || kind === "date" ? kind : "text";
	return <TextField {...field} type={type} value={value} onValue={onValue} />;
}

interface TypedFieldProps {
	readonly id: string;
	readonly attribute: Attribute;
	readonly value: string;
	readonly error: string | null;
	readonly onValue: (value: string) => void;
}

/** A value as people read it. */
export function TypedValue({ attribute, value }: { attribute: Attribute; value: string }) {
	if (attribute.kind === "boolean") return <>{value === "true" ? "Yes" : "No"}</>;
	if (attribute.kind === "url" && /^https?:\/\//i.test(value)) {
		return (
			<a href={value} target="_blank" rel="noopener noreferrer" dir="ltr">
				{value.replace(/^https?:\/\//i, "")}
			</a>
		);
	}
	return <bdi>{value}</bdi>;
}

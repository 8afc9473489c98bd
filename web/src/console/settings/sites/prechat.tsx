import type { PrechatField, PrechatName } from "../../../protocol/types.js";
import { FieldNotes } from "../fields.js";

/** What can be asked, in the order in which it mostly is. */
const NAMES: readonly (readonly [name: PrechatName, words: string])[] = [
	["name", "Name"],
	["phone", "Phone"],
	["email", "E-mail"],
	["message", "Message"],
];

/** Whether something is asked. */
export type Ask = "no" | "optional" | "required";

const ASKS: readonly (readonly [ask: Ask, words: string])[] = [
	["no", "Not asked"],
	["optional", "Optional"],
	["required", "Required"],
];

/** How something is asked. */
export function askOf(fields: readonly PrechatField[], name: PrechatName): Ask {
	const field = fields.find((one) => one.name === name);
	if (!field) return "no";
	return field.required ? "required" : "optional";
}

/** The form with one thing asked otherwise; what is asked newly stands in the usual order. */
export function withAsk(fields: readonly PrechatField[], name: PrechatName, ask: Ask): PrechatField[] {
	const required = ask === "required";
	if (ask === "no") return fields.filter((one) => one.name !== name);
	if (fields.some((one) => one.name === name)) {
		return fields.map((one) => (one.name === name ? { name, required } : one));
	}
	const place = (one: PrechatName) => NAMES.findIndex(([word]) => word === one);
	const at = fields.findIndex((one) => place(one.name) > place(name));
	return at < 0 ? [...fields, { name, required }] : fields.toSpliced(at, 0, { name, required });
}

/** What visitors are asked before the chat. */
export function PrechatFields({
	value,
	error,
	onValue,
}: {
	value: readonly PrechatField[];
	error: string | null;
	onValue: (value: PrechatField[]) => void;
}) {
	return (
		<div class="form-field">
			<span class="form-label" id="prechat-label">
				Asked before the chat
			</span>
			<fieldset class="form-control asks" aria-labelledby="prechat-label">
				{NAMES.map(([name, words]) => (
					<div class="ask" key={name}>
						<span id={`ask-${name}`}>{words}</span>
						<div class="segment-track" role="radiogroup" aria-labelledby={`ask-${name}`}>
							{ASKS.map(([ask, says]) => (
								<label key={ask} class="segment">
									<input
										type="radio"
										name={`ask-${name}`}
										value={ask}
										checked={askOf(value, name) === ask}
										onChange={() => onValue(withAsk(value, name, ask))}
									/>
									<span>{says}</span>
								</label>
							))}
						</div>
					</div>
				))}
				<FieldNotes id="prechat" help={null} error={error} />
			</fieldset>
		</div>
	);
}

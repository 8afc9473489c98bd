import { controlProps, Field, type FieldProps } from "../fields.js";
import { type Duration, UNITS, type Unit } from "./duration.js";

/** A number and its unit. */
export function DurationField(
	props: FieldProps & {
		readonly value: Duration;
		readonly onValue: (value: Duration) => void;
		/** What an empty field means. */
		readonly empty: string;
	},
) {
	const { value, onValue, error, label, empty } = props;
	return (
		<Field {...props}>
			<div class="duration">
				<input
					{...controlProps(props)}
					class={error ? "text-field wrong" : "text-field"}
					type="text"
					inputMode="decimal"
					autocomplete="off"
					placeholder={empty}
					value={value.amount}
					onInput={(event) => onValue({ ...value, amount: event.currentTarget.value })}
				/>
				<select
					class="text-field"
					aria-label={`${label}, unit`}
					value={value.unit}
					onChange={(event) => onValue({ ...value, unit: event.currentTarget.value as Unit })}
				>
					{UNITS.map((unit) => (
						<option key={unit} value={unit}>
							{unit}
						</option>
					))}
				</select>
			</div>
		</Field>
	);
}

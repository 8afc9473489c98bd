import { ChevronDownIcon } from "../ui/icons.js";
import { COUNTRIES, type Country, countryOf } from "./countries.js";
import { FieldFrame, type FieldProps, inputProps } from "./field.js";
import { words } from "./words.js";

export interface PhoneFieldProps extends FieldProps {
	readonly country: Country;
	onCountry(country: Country): void;
}

/** Country code and number in one frame. */
export function PhoneField(props: PhoneFieldProps) {
	const { country, onCountry, error } = props;
	return (
		<FieldFrame {...props}>
			<div class={error === undefined ? "phone" : "phone input-wrong"}>
				<span class="phone-code">
					<span aria-hidden="true">{`${country.code} +${country.dial}`}</span>
					<ChevronDownIcon size={16} />
					{/* The list is the system's own, laid invisibly over what is shown of it. */}
					<select
						class="phone-select"
						aria-label={words.countryCode}
						value={country.code}
						onChange={(event) => onCountry(countryOf(event.currentTarget.value))}
					>
						{countryNames().map(({ code, label }) => (
							<option key={code} value={code}>
								{label}
							</option>
						))}
					</select>
				</span>
				<input {...inputProps(props)} class="phone-number" type="tel" dir="ltr" autocomplete="tel" />
			</div>
		</FieldFrame>
	);
}

let names: readonly { readonly code: string; readonly label: string }[] | null = null;

/** By name, as the browser writes the names. */
function countryNames() {
	const regions = new Intl.DisplayNames(["en"], { type: "region" });
	names ??= COUNTRIES.map(({ code, dial }) => ({
		code,
		label: `${regions.of(code) ?? code} (+${dial})`,
	})).sort((a, b) => a.label.localeCompare(b.label));
	return names;
}

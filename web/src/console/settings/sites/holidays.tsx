import { AlertIcon, CloseIcon, PlusIcon } from "../../../ui/icons.js";
import type { Faults } from "../faults.js";
import { HOLIDAYS, type HolidayForm, type HoursForm } from "./hours-form.js";
import { Spans } from "./spans.js";

/** The days that differ from the week. */
export function Holidays({
	hours,
	faults,
	set,
}: {
	hours: HoursForm;
	faults: Faults;
	set: (over: Partial<HoursForm>) => void;
}) {
	const { holidays } = hours;
	const whole = faults.fields.find(({ field }) => field === "hours.holidays");
	const change = (at: number, over: Partial<HolidayForm>) => {
		set({ holidays: holidays.map((one, index) => (index === at ? { ...one, ...over } : one)) });
	};
	return (
		<div class="form-field">
			<span class="form-label" id="holidays-label">
				Holidays
			</span>
			<fieldset class="form-control" aria-labelledby="holidays-label">
				{holidays.length === 0 && <p class="form-help">No day differs yet.</p>}
				<ul class="holidays">
					{holidays.map((holiday, at) => (
						<Holiday
							key={at}
							at={at}
							holiday={holiday}
							faults={faults}
							onChange={(over) => change(at, over)}
							onRemove={() => set({ holidays: holidays.filter((_, index) => index !== at) })}
						/>
					))}
				</ul>
				{whole && (
					<p class="form-error" role="alert">
						<AlertIcon size={16} />
						<span>The list {whole.message}.</span>
					</p>
				)}
				<button
					type="button"
					class="button outline small"
					data-add-holiday
					aria-disabled={holidays.length >= HOLIDAYS}
					onClick={() => {
						if (holidays.length < HOLIDAYS)
							set({ holidays: [...holidays, { date: "", name: "", spans: [] }] });
						requestAnimationFrame(() => document.getElementById(`holiday-${holidays.length}`)?.focus());
					}}
				>
					<PlusIcon size={16} />
					Add holiday
				</button>
			</fieldset>
		</div>
	);
}

function Holiday({
	at,
	holiday,
	faults,
	onChange,
	onRemove,
}: {
	at: number;
	holiday: HolidayForm;
	faults: Faults;
	onChange: (over: Partial<HolidayForm>) => void;
	onRemove: () => void;
}) {
	const { date, name, spans } = holiday;
	const field = `hours.holidays[${at}]`;
	const fault = faults.fields.find((one) => one.field === `${field}.date` || one.field === `${field}.name`);
	const wrong = (part: string) => fault?.field === `${field}.${part}`;
	const called = name.trim() || date || "this holiday";
	const errorId = `${field}-error`;
	const invalid = (part: string) => ({
		class: wrong(part) ? "text-field wrong" : "text-field",
		"aria-invalid": wrong(part) ? (true as const) : undefined,
		"aria-describedby": wrong(part) ? errorId : undefined,
	});
	return (
		<li>
			<div class="holiday-head">
				<input
					{...invalid("date")}
					id={`holiday-${at}`}
					type="date"
					aria-label="Day"
					value={date}
					onInput={(event) => onChange({ date: event.currentTarget.value })}
				/>
				<input
					{...invalid("name")}
					type="text"
					dir="auto"
					aria-label="Name of the day"
					placeholder="Name, if it has one"
					value={name}
					onInput={(event) => onChange({ name: event.currentTarget.value })}
				/>
				<button
					type="button"
					class="icon-button"
					aria-label={`Remove ${called}`}
					title="Remove"
					onClick={() => {
						onRemove();
						requestAnimationFrame(() => document.querySelector<HTMLElement>("[data-add-holiday]")?.focus());
					}}
				>
					<CloseIcon size={16} />
				</button>
			</div>
			{fault && (
				<p class="form-error" id={errorId} role="alert">
					<AlertIcon size={16} />
					<span>
						{wrong("date") ? "The day" : "The name"} {fault.message}.
					</span>
				</p>
			)}
			<Spans
				field={`${field}.spans`}
				day={called}
				spans={spans}
				faults={faults}
				closed="Closed all day"
				onSpans={(next) => onChange({ spans: next })}
			/>
		</li>
	);
}

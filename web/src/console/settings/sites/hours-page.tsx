import { useState } from "preact/hooks";
import type { FieldError, Site, SiteConfig, TimeSpan, Weekday } from "../../../protocol/types.js";
import { coming } from "../../times.js";
import { faultAt, refusedAll } from "../faults.js";
import { Segments, TextField } from "../fields.js";
import { type Form, useForm } from "../form.js";
import { loaded } from "../loaded.js";
import { Known, PageForm } from "../page.js";
import type { SectionProps } from "../sections.js";
import { Holidays } from "./holidays.js";
import { type HoursForm, hoursForm, missing, WEEKDAYS, wireHours } from "./hours-form.js";
import { Spans } from "./spans.js";

type Props = Pick<SectionProps, "desk" | "workspace"> & { site: Site };

const MODES = [
	["always", "Always open"],
	["week", "By the week"],
] as const;

/** When a site is open. */
export function SiteHours({ desk, workspace, site }: Props) {
	const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
	const form = useForm({ hours: hoursForm(site.hours, zone) }, async (_, { hours }) => {
		const faults: readonly FieldError[] = missing(hours);
		if (faults.length > 0) throw refusedAll(faults);
		const body = { hours: wireHours(hours) };
		workspace.keep(workspace.sites, await workspace.http.patch<Site>(`/sites/${site.id}`, body));
	});
	const { hours } = form.values;
	const set = (over: Partial<HoursForm>) => form.set({ hours: { ...hours, ...over } });
	return (
		<>
			<Now key={JSON.stringify(site.hours)} workspace={workspace} site={site} />
			<PageForm desk={desk} form={form} name="Opening hours" done="The opening hours are saved">
				<Segments
					id="hours-mode"
					label="Open"
					value={hours.mode}
					options={MODES}
					onValue={(mode) => set({ mode })}
				/>
				{(hours.mode === "week" || hours.holidays.length > 0) && (
					<>
						<TextField
							id="hours-zone"
							label="Time zone"
							help="All times are those of the clock on the shop’s wall, through summer and winter time. Midnight as an end is the end of that day."
							list="hours-zones"
							value={hours.time_zone}
							error={faultAt(form.faults, "hours.time_zone", "This")}
							onValue={(time_zone) => set({ time_zone })}
						/>
						<datalist id="hours-zones">
							{Intl.supportedValuesOf("timeZone").map((name) => (
								<option key={name} value={name} />
							))}
						</datalist>
					</>
				)}
				{hours.mode === "week" && <Week form={form} set={set} />}
				<Holidays hours={hours} faults={form.faults} set={set} />
			</PageForm>
		</>
	);
}

const WORKDAYS: readonly Weekday[] = ["tue", "wed", "thu", "fri"];

function Week({ form, set }: { form: Form<{ hours: HoursForm }>; set: (over: Partial<HoursForm>) => void }) {
	const { week } = form.values.hours;
	const keep = (days: readonly Weekday[], spans: readonly TimeSpan[]) => {
		set({ week: { ...week, ...Object.fromEntries(days.map((day) => [day, spans])) } });
	};
	return (
		<>
			{WEEKDAYS.map(([day, name]) => (
				<div class="form-field" key={day}>
					<span class="form-label" id={`hours-${day}`}>
						{name}
					</span>
					<fieldset class="form-control" aria-labelledby={`hours-${day}`}>
						<Spans
							field={`hours.week.${day}`}
							day={name}
							spans={week[day]}
							faults={form.faults}
							closed="Closed"
							onSpans={(spans) => keep([day], spans)}
						/>
						{day === "mon" && (
							<button type="button" class="link" onClick={() => keep(WORKDAYS, week.mon)}>
								The same from Tuesday to Friday
							</button>
						)}
					</fieldset>
				</div>
			))}
		</>
	);
}

/** What visitors are told at this moment, by the hours that are saved. */
function Now({ workspace, site }: Pick<Props, "workspace" | "site">) {
	const [config] = useState(() => loaded(() => workspace.http.get<SiteConfig>(`/sites/${site.key}`)));
	return (
		<Known of={config}>
			{({ open_now, opens_at }) => (
				<p class="part-lead now-open" role="status">
					{open_now
						? "Open now."
						: opens_at
							? `Closed now. Opens ${coming(opens_at, Date.now())}, by your clock.`
							: "Closed now, and no opening is planned."}
				</p>
			)}
		</Known>
	);
}

import { useState } from "preact/hooks";
import type { RoutingMode, Settings, Site, SiteRouting, Team, TeamRouting } from "../../../protocol/types.js";
import { Field, Segments, TextField } from "../fields.js";
import { type Form, useForm } from "../form.js";
import { type Loaded, loaded } from "../loaded.js";
import { Known, PageForm, PageHead, Part } from "../page.js";
import type { SectionProps } from "../sections.js";
import { formOf, type ModeChoice, type RoutingForm, settingsOf, withoutSection } from "./routing-form.js";

const MODES: readonly (readonly [RoutingMode, string])[] = [
	["manual", "By hand"],
	["offer", "Offered"],
	["automatic", "Given"],
];

/** How chats find their agents: for all, for a site, for a team. */
export function RoutingPage({ desk, workspace }: SectionProps) {
	const [settings] = useState(() => loaded(() => workspace.http.get<Settings>("/settings")));
	return (
		<>
			<PageHead desk={desk} title="Routing" lead="How waiting chats find whoever answers them." />
			<Known of={settings}>
				{(known) => (
					<Known of={workspace.teams}>
						{(teams) => (
							<Known of={workspace.sites}>
								{(sites) => (
									<RoutingFields
										desk={desk}
										workspace={workspace}
										rest=""
										settings={settings}
										known={known}
										teams={teams}
										sites={sites}
									/>
								)}
							</Known>
						)}
					</Known>
				)}
			</Known>
		</>
	);
}

interface RoutingFieldsProps extends SectionProps {
	readonly settings: Loaded<Settings>;
	readonly known: Settings;
	readonly teams: readonly Team[];
	readonly sites: readonly Site[];
}

function RoutingFields({ desk, workspace, settings, known, teams, sites }: RoutingFieldsProps) {
	const form = useForm<RoutingForm>(formOf(known.routing), async (_, values) => {
		try {
			const edit = { routing: settingsOf(values) };
			settings.set(await workspace.http.patch<Settings>("/settings", edit));
		} catch (error) {
			throw withoutSection(error);
		}
	});
	const { values, set, at } = form;
	return (
		<PageForm desk={desk} form={form} name="Routing">
			<Segments
				id="routing-mode"
				label="Chats are"
				value={values.mode}
				options={[["", "Default"], ...MODES]}
				error={at("mode", "The mode")}
				help="By hand: agents take them. Offered: one agent after the other is asked. Given: whoever has most room gets them."
				onValue={(mode: ModeChoice) => set({ mode })}
			/>
			<Offering form={form} />
			<Waiting form={form} teams={teams} />
			<Segments
				id="routing-language"
				label="Customer's language"
				value={values.language_required}
				options={[
					["no", "Preferred"],
					["yes", "Required"],
				]}
				help="Required: nobody is given a chat who does not speak its language."
				onValue={(language_required) => set({ language_required })}
			/>
			<Sites form={form} sites={sites} teams={teams} />
			<Teams form={form} teams={teams} />
		</PageForm>
	);
}

function Offering({ form: { values, set, at } }: { form: Form<RoutingForm> }) {
	return (
		<>
			<TextField
				id="routing-offer-seconds"
				label="Seconds to answer an offer"
				optional
				inputMode="numeric"
				placeholder="30"
				value={values.offer_seconds}
				error={at("offer_seconds", "The time to answer")}
				onValue={(offer_seconds) => set({ offer_seconds })}
			/>
			<TextField
				id="routing-unanswered"
				label="Away after unanswered offers"
				optional
				inputMode="numeric"
				placeholder="Never"
				value={values.away_after_unanswered}
				error={at("away_after_unanswered", "The number of offers")}
				help="So many in a row, and the agent is set away."
				onValue={(away_after_unanswered) => set({ away_after_unanswered })}
			/>
		</>
	);
}

function Waiting({ form: { values, set, at }, teams }: { form: Form<RoutingForm>; teams: readonly Team[] }) {
	return (
		<>
			<Segments
				id="routing-messages"
				label="When nobody is here"
				value={values.take_messages}
				options={[
					["", "Default"],
					["yes", "Take a message"],
					["no", "Let them wait"],
				]}
				help="A message: the customer is told that the answer comes later. Also while the shop is closed."
				onValue={(take_messages) => set({ take_messages })}
			/>
			<TextField
				id="routing-max-wait"
				label="Longest wait, in seconds"
				optional
				inputMode="numeric"
				placeholder="No limit"
				value={values.max_wait_s}
				error={at("max_wait_s", "The longest wait")}
				onValue={(max_wait_s) => set({ max_wait_s })}
			/>
			<Select
				id="routing-fallback"
				label="After the longest wait"
				value={values.fallback}
				options={[["", "Take a message"], ...teams.map(({ id, name }) => [id, `To ${name}`] as const)]}
				error={at("fallback", "The team")}
				onValue={(fallback) => set({ fallback })}
			/>
		</>
	);
}

const NO_SITE: SiteRouting = { mode: null, team: null, skills: [] };
const NO_TEAM: TeamRouting = { mode: null };

const OTHERWISE = "As for all";

function Sites({
	form,
	sites,
	teams,
}: {
	form: Form<RoutingForm>;
	sites: readonly Site[];
	teams: readonly Team[];
}) {
	const { values, set } = form;
	const change = (id: string, over: Partial<SiteRouting>) =>
		set({ sites: { ...values.sites, [id]: { ...NO_SITE, ...values.sites[id], ...over } } });
	return (
		<Part id="routing-sites" title="Sites" lead="What is different for chats that begin at a site.">
			{sites.map(({ id, name }) => {
				const { mode, team } = { ...NO_SITE, ...values.sites[id] };
				return (
					<fieldset key={id} class="rule">
						<legend dir="auto">{name}</legend>
						<ModeSelect id={`site-${id}-mode`} mode={mode} onMode={(mode) => change(id, { mode })} />
						<Select
							id={`site-${id}-team`}
							label="For the team"
							value={team ?? ""}
							options={[["", "Any"], ...teams.map(({ id, name }) => [id, name] as const)]}
							onValue={(chosen) => change(id, { team: chosen || null })}
						/>
					</fieldset>
				);
			})}
		</Part>
	);
}

function Teams({ form, teams }: { form: Form<RoutingForm>; teams: readonly Team[] }) {
	const { values, set } = form;
	if (teams.length === 0) return null;
	return (
		<Part id="routing-teams" title="Teams" lead="A team's word goes before its site's.">
			{teams.map(({ id, name }) => (
				<fieldset key={id} class="rule">
					<legend dir="auto">{name}</legend>
					<ModeSelect
						id={`team-${id}-mode`}
						mode={{ ...NO_TEAM, ...values.teams[id] }.mode}
						onMode={(mode) => set({ teams: { ...values.teams, [id]: { mode } } })}
					/>
				</fieldset>
			))}
		</Part>
	);
}

function ModeSelect(props: {
	id: string;
	mode: RoutingMode | null;
	onMode: (mode: RoutingMode | null) => void;
}) {
	return (
		<Select
			id={props.id}
			label="Chats are"
			value={props.mode ?? ""}
			options={[["", OTHERWISE], ...MODES]}
			onValue={(mode) => props.onMode(mode || null)}
		/>
	);
}

function Select<T extends string>(props: {
	id: string;
	label: string;
	value: T;
	options: readonly (readonly [value: T, words: string])[];
	error?: string | null;
	onValue: (value: T) => void;
}) {
	const { id, label, value, options, error = null, onValue } = props;
	return (
		<Field id={id} label={label} error={error}>
			<select
				id={id}
				class="text-field"
				value={value}
				aria-invalid={error ? true : undefined}
				onChange={(event) => onValue(event.currentTarget.value as T)}
			>
				{options.map(([one, words]) => (
					<option key={one} value={one}>
						{words}
					</option>
				))}
			</select>
		</Field>
	);
}

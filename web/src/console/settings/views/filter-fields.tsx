import type { Priority, Status, ViewFilter } from "../../../protocol/types.js";
import type { Desk } from "../../desk/desk.js";
import { PRIORITIES, PRIORITY_WORDS, STATUS_WORDS } from "../../names.js";
import { knownCategories, suggestedTags } from "../../ticket/changes.js";
import { CHANNEL_WORDS } from "../automation/rule-words.js";
import type { Known } from "../automation/use-names.js";
import { type Faults, faultAt } from "../faults.js";
import { Checks, controlProps, Field, type FieldProps, Segments, TextField } from "../fields.js";
import { dayOf, endOf, startOf, withFields } from "./view-form.js";

interface FilterFieldsProps {
	readonly desk: Desk;
	readonly filter: ViewFilter;
	readonly known: Known;
	readonly faults: Faults;
	readonly onFilter: (filter: ViewFilter) => void;
}

const STATUSES = Object.keys(STATUS_WORDS) as Status[];

/** Which chats a view has. What nothing is said of does not matter. */
export function FilterFields({ desk, filter, known, faults, onFilter }: FilterFieldsProps) {
	const change = (over: Parameters<typeof withFields>[1]) => onFilter(withFields(filter, over));
	const at = (field: keyof ViewFilter, label: string) => faultAt(faults, `filter.${field}`, label);
	const others = Object.values(desk.lists).flatMap((list) => list.value.sessions);
	return (
		<>
			<Checks
				id="view-status"
				label="Status"
				look="pill"
				none=""
				help="None chosen: any."
				value={filter.status ?? []}
				options={STATUSES.map((one) => [one, STATUS_WORDS[one]])}
				error={at("status", "The status")}
				onValue={(some) => change({ status: STATUSES.filter((one) => some.includes(one)) })}
			/>
			<SelectField
				id="view-assignee"
				label="Held by"
				value={filter.assignee}
				options={[
					["", "Anyone, or nobody"],
					["me", "Me"],
					["none", "Nobody"],
					...sorted(known.agents.map(({ id, name }) => [id, name] as const)),
				]}
				help={filter.assignee === "me" ? "Whoever looks at the view is meant." : undefined}
				error={at("assignee", "This")}
				onValue={(assignee) => change({ assignee })}
			/>
			<Checks
				id="view-priority"
				label="Priority"
				look="pill"
				none=""
				help="None chosen: any."
				value={filter.priority ?? []}
				options={PRIORITIES.map((one) => [one, PRIORITY_WORDS[one]])}
				error={at("priority", "The priority")}
				onValue={(some: Priority[]) => change({ priority: PRIORITIES.filter((one) => some.includes(one)) })}
			/>
			<TextField
				id="view-tag"
				label="Tag"
				optional
				list="view-tags"
				placeholder="Any"
				value={filter.tag ?? ""}
				error={at("tag", "The tag")}
				onValue={(tag) => change({ tag })}
			/>
			<Offers id="view-tags" of={suggestedTags(others, [], "")} />
			<TextField
				id="view-category"
				label="Category"
				optional
				list="view-categories"
				placeholder="Any"
				value={filter.category ?? ""}
				error={at("category", "The category")}
				onValue={(category) => change({ category })}
			/>
			<Offers id="view-categories" of={knownCategories(others)} />
			{(known.teams.length > 0 || filter.team) && (
				<SelectField
					id="view-team"
					label="Team"
					value={filter.team}
					options={[["", "Any"], ...sorted(known.teams.map(({ id, name }) => [id, name] as const))]}
					error={at("team", "The team")}
					onValue={(team) => change({ team })}
				/>
			)}
			{(known.sites.length > 1 || filter.site) && (
				<SelectField
					id="view-site"
					label="Site"
					value={filter.site}
					options={[["", "Any"], ...sorted(known.sites.map(({ key, name }) => [key, name] as const))]}
					error={at("site", "The site")}
					onValue={(site) => change({ site })}
				/>
			)}
			<SelectField
				id="view-channel"
				label="Came by"
				value={filter.channel}
				options={[["", "Any way"], ...Object.entries(CHANNEL_WORDS)]}
				error={at("channel", "The way")}
				onValue={(channel) => change({ channel: channel as ViewFilter["channel"] })}
			/>
			<TextField
				id="view-from"
				label="Went on since"
				type="date"
				optional
				help={filter.from && "Something was said or done on that day or later."}
				value={filter.from ? dayOf(filter.from) : ""}
				error={at("from", "This")}
				onValue={(day) => change({ from: startOf(day) })}
			/>
			<TextField
				id="view-to"
				label="Begun until"
				type="date"
				optional
				help={filter.to && "Chats that began on that day or before."}
				value={filter.to ? dayOf(filter.to) : ""}
				error={at("to", "This")}
				onValue={(day) => change({ to: endOf(day) })}
			/>
			<Segments
				id="view-snoozed"
				label="Put aside"
				value={filter.snoozed === undefined ? "either" : filter.snoozed ? "only" : "not"}
				options={[
					["either", "Either way"],
					["not", "Not put aside"],
					["only", "Only put aside"],
				]}
				error={at("snoozed", "This")}
				onValue={(value) => change({ snoozed: value === "either" ? undefined : value === "only" })}
			/>
			<Segments
				id="view-sort"
				label="Order"
				value={filter.sort ?? "recent"}
				options={[
					["recent", "Latest first"],
					["waiting", "Longest waiting first"],
				]}
				help={filter.sort === "waiting" ? "Only those whose customer waits for an answer." : undefined}
				error={at("sort", "The order")}
				onValue={(sort) => change({ sort: sort === "recent" ? undefined : sort })}
			/>
		</>
	);
}

type Options = readonly (readonly [value: string, words: string])[];

const sorted = (options: Options): Options => [...options].sort(([, a], [, b]) => a.localeCompare(b));

/** One of many. What is chosen stays to be seen, whatever has become of it. */
function SelectField(
	props: FieldProps & {
		readonly value: string | undefined;
		readonly options: Options;
		/** "": nothing is said. */
		readonly onValue: (value: string) => void;
	},
) {
	const { value = "", options, onValue } = props;
	return (
		<Field {...props}>
			<select
				{...controlProps(props)}
				class={props.error ? "text-field wrong" : "text-field"}
				value={value}
				onChange={(event) => onValue(event.currentTarget.value)}
			>
				{options.map(([one, words]) => (
					<option key={one} value={one}>
						{words}
					</option>
				))}
				{!options.some(([one]) => one === value) && <option value={value}>Gone</option>}
			</select>
		</Field>
	);
}

function Offers({ id, of }: { id: string; of: readonly string[] }) {
	return (
		<datalist id={id}>
			{of.map((one) => (
				<option key={one} value={one} />
			))}
		</datalist>
	);
}

import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import type { Priority, RuleAction, Status } from "../../../protocol/types.js";
import { GONE, GONE_TEAM } from "../../automation/action-words.js";
import { PRIORITIES, PRIORITY_WORDS, STATUS_WORDS } from "../../names.js";
import { VariablePicker } from "../canned/variable-picker.js";
import { type Duration, durationOf, UNITS, type Unit } from "../clock/duration.js";
import { type Faults, faultAt } from "../faults.js";
import { FieldNotes } from "../fields.js";
import { SkillsField } from "../people/skills-field.js";
import type { Known } from "./use-names.js";
import { asTag, WrittenValues } from "./values-field.js";

/** What the inputs of an action need. */
export interface ActionInputsProps {
	readonly id: string;
	/** Its place among the actions. */
	readonly at: number;
	readonly action: RuleAction;
	readonly forMacro: boolean;
	readonly faults: Faults;
	readonly known: Known;
	readonly tags: readonly string[];
	readonly onAction: (action: RuleAction) => void;
}

/** What an action needs to be told. */
export function ActionInputs(props: ActionInputsProps) {
	const { id, at, action, forMacro, faults, known, tags, onAction } = props;
	const fault = (part: string, label: string) => faultAt(faults, `actions[${at}].${part}`, label);
	const number = at + 1;
	switch (action.type) {
		case "assign_me":
			return <FieldNotes id={id} help={null} error={fault("type", "This")} />;
		case "tags":
			return (
				<>
					<Labelled label="Add">
						<WrittenValues
							id={`${id}-add`}
							label={`Action ${number}: tags to add`}
							value={action.add ?? []}
							error={fault("add", "A tag")}
							read={asTag}
							offers={tags}
							commas
							placeholder="A tag"
							further="another"
							onValue={(add) => onAction({ ...action, add })}
						/>
					</Labelled>
					<Labelled label="Remove">
						<WrittenValues
							id={`${id}-remove`}
							label={`Action ${number}: tags to remove`}
							value={action.remove ?? []}
							error={fault("remove", "A tag")}
							read={asTag}
							offers={tags}
							commas
							placeholder="A tag"
							further="another"
							onValue={(remove) => onAction({ ...action, remove })}
						/>
					</Labelled>
				</>
			);
		case "priority":
			return (
				<Choice
					id={id}
					label={`Action ${number}: priority`}
					value={action.priority}
					options={PRIORITIES.map((one) => [one, PRIORITY_WORDS[one]] as const)}
					error={fault("priority", "The priority")}
					onValue={(priority) => onAction({ ...action, priority: priority as Priority })}
				/>
			);
		case "status":
			return (
				<Choice
					id={id}
					label={`Action ${number}: status`}
					value={action.status}
					options={Object.entries(STATUS_WORDS)}
					error={fault("status", "The status")}
					onValue={(status) => onAction({ ...action, status: status as Status })}
				/>
			);
		case "assign":
			return (
				<Choice
					id={id}
					label={`Action ${number}: agent`}
					value={action.agent_id ?? NOBODY}
					options={[
						...(action.agent_id === "" ? ([["", "Choose an agent"]] as const) : []),
						...known.agents.filter(({ disabled }) => !disabled).map(({ id, name }) => [id, name] as const),
						[NOBODY, "Nobody: back in line"],
					]}
					gone={GONE}
					error={fault("agent_id", "The agent")}
					onValue={(chosen) => onAction({ ...action, agent_id: chosen === NOBODY ? null : chosen })}
				/>
			);
		case "team":
			return (
				<Choice
					id={id}
					label={`Action ${number}: team`}
					value={action.team_id ?? NOBODY}
					options={[
						...(action.team_id === "" ? ([["", "Choose a team"]] as const) : []),
						...known.teams.map(({ id, name }) => [id, name] as const),
						[NOBODY, "Any team"],
					]}
					gone={GONE_TEAM}
					error={fault("team_id", "The team")}
					onValue={(chosen) => onAction({ ...action, team_id: chosen === NOBODY ? null : chosen })}
				/>
			);
		case "skills":
			return (
				<SkillsField
					id={`${id}-skills`}
					skills={known.skills}
					value={action.skills}
					error={fault("skills", "A skill")}
					onValue={(skills) => onAction({ ...action, skills })}
				/>
			);
		case "snooze":
			return (
				<Minutes
					id={id}
					label={`Action ${number}: for how long`}
					minutes={action.minutes}
					error={fault("minutes", "The time in minutes")}
					onMinutes={(minutes) => onAction({ ...action, minutes })}
				/>
			);
		case "category":
		case "subject": {
			const { type } = action;
			const value = type === "category" ? action.category : action.subject;
			return (
				<Line
					id={id}
					label={`Action ${number}: ${type}`}
					value={value ?? ""}
					placeholder={type === "category" ? "Empty: no category" : "Empty: no subject"}
					error={fault(type, `The ${type}`)}
					onValue={(text) =>
						onAction(type === "category" ? { type, category: text || null } : { type, subject: text || null })
					}
				/>
			);
		}
		case "attribute":
			return (
				<>
					<Labelled label="Name">
						<Line
							id={`${id}-name`}
							label={`Action ${number}: name of the detail`}
							value={action.name}
							placeholder="Such as order"
							error={fault("name", "The name")}
							onValue={(name) => onAction({ ...action, name })}
						/>
					</Labelled>
					<Labelled label="Value">
						<Line
							id={`${id}-value`}
							label={`Action ${number}: value of the detail`}
							value={action.value ?? ""}
							placeholder="Empty: it is struck out"
							error={fault("value", "The value")}
							onValue={(text) => onAction({ ...action, value: text || null })}
						/>
					</Labelled>
				</>
			);
		case "message":
		case "note":
			return <Body {...props} action={action} forMacro={forMacro} error={fault("body", "The text")} />;
	}
}

/** In a list of choices, nobody. */
const NOBODY = "nobody";

function Labelled({ label, children }: { label: string; children: ComponentChildren }) {
	return (
		<div class="card-line">
			<span class="card-label" aria-hidden="true">
				{label}
			</span>
			{children}
		</div>
	);
}

function Choice({
	id,
	label,
	value,
	options,
	gone,
	error,
	onValue,
}: {
	id: string;
	label: string;
	value: string;
	options: readonly (readonly [value: string, words: string])[];
	/** What the value is called when it is none of these any more. */
	gone?: string;
	error: string | null;
	onValue: (value: string) => void;
}) {
	const there = options.some(([one]) => one === value);
	return (
		<div class="values">
			<select
				class={error ? "text-field wrong" : "text-field"}
				aria-label={label}
				value={value}
				aria-invalid={error ? true : undefined}
				aria-describedby={error ? `${id}-error` : undefined}
				onChange={(event) => onValue(event.currentTarget.value)}
			>
				{!there && <option value={value}>{gone ?? value}</option>}
				{options.map(([one, words]) => (
					<option key={one} value={one}>
						{words}
					</option>
				))}
			</select>
			<FieldNotes id={id} help={null} error={error} />
		</div>
	);
}

function Line({
	id,
	label,
	value,
	placeholder,
	error,
	onValue,
}: {
	id: string;
	label: string;
	value: string;
	placeholder: string;
	error: string | null;
	onValue: (value: string) => void;
}) {
	return (
		<div class="values">
			<input
				class={error ? "text-field wrong" : "text-field"}
				dir="auto"
				autocomplete="off"
				aria-label={label}
				placeholder={placeholder}
				value={value}
				aria-invalid={error ? true : undefined}
				aria-describedby={error ? `${id}-error` : undefined}
				onInput={(event) => onValue(event.currentTarget.value)}
			/>
			<FieldNotes id={id} help={null} error={error} />
		</div>
	);
}

const IN_MINUTES: Readonly<Record<Unit, number>> = { minutes: 1, hours: 60, days: 1_440 };

/** What is no number is 0, which the server refuses. */
function minutesOf({ amount, unit }: Duration): number {
	const number = Number(amount.trim().replace(",", "."));
	return Number.isFinite(number) ? Math.round(number * IN_MINUTES[unit]) : 0;
}

/** A number and what it counts. */
function Minutes({
	id,
	label,
	minutes,
	error,
	onMinutes,
}: {
	id: string;
	label: string;
	minutes: number;
	error: string | null;
	onMinutes: (minutes: number) => void;
}) {
	const [typed, setTyped] = useState(() => durationOf(minutes * 60));
	// What was typed stays as it is, unless the number has become another one meanwhile.
	const time = minutesOf(typed) === minutes ? typed : durationOf(minutes * 60);
	const change = (next: Duration) => {
		setTyped(next);
		onMinutes(minutesOf(next));
	};
	return (
		<div class="values">
			<div class="duration">
				<input
					class={error ? "text-field wrong" : "text-field"}
					inputMode="decimal"
					autocomplete="off"
					aria-label={label}
					value={time.amount}
					aria-invalid={error ? true : undefined}
					aria-describedby={error ? `${id}-error` : undefined}
					onInput={(event) => change({ ...time, amount: event.currentTarget.value })}
				/>
				<select
					class="text-field"
					aria-label={`${label}, unit`}
					value={time.unit}
					onChange={(event) => change({ ...time, unit: event.currentTarget.value as Unit })}
				>
					{UNITS.map((unit) => (
						<option key={unit} value={unit}>
							{unit}
						</option>
					))}
				</select>
			</div>
			<FieldNotes id={id} help={null} error={error} />
		</div>
	);
}

type Said = Extract<RuleAction, { type: "message" | "note" }>;

/** What is written, to the customer or to the team. */
function Body({
	id,
	at,
	action,
	forMacro,
	error,
	onAction,
}: ActionInputsProps & { action: Said; error: string | null }) {
	const area = useRef<HTMLTextAreaElement>(null);
	const note = action.type === "note";
	const from = forMacro
		? "It comes from whoever runs the macro."
		: "It is signed by nobody, and answers nobody: the customer still waits.";
	const onBody = (body: string) => onAction({ ...action, body });
	return (
		<div class="values">
			<textarea
				ref={area}
				class={`text-field lines${error ? " wrong" : ""}${note ? " note-field" : ""}`}
				dir="auto"
				rows={3}
				aria-label={`Action ${at + 1}: ${note ? "note" : "message"}`}
				placeholder={note ? "What the team should know" : "What the customer reads"}
				value={action.body}
				aria-invalid={error ? true : undefined}
				aria-describedby={error ? `${id}-error` : undefined}
				onInput={(event) => onBody(event.currentTarget.value)}
			/>
			<FieldNotes id={id} help={note ? "Only your team sees this." : from} error={error} />
			<details class="card-inserts">
				<summary>Put in a name, a number …</summary>
				<VariablePicker area={area} value={action.body} sent={forMacro} onValue={onBody} />
				<p class="form-help">
					<span>
						<code>{"{{contact.first_name | there}}"}</code> says “there” where no name is known. Without such
						a word, a text in which something is not known is not {note ? "written" : "sent"}.
					</span>
				</p>
			</details>
		</div>
	);
}

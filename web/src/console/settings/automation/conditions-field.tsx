import { useRef } from "preact/hooks";
import type { Condition, ConditionField, ConditionTest } from "../../../protocol/types.js";
import { CloseIcon, PlusIcon } from "../../../ui/icons.js";
import { PRIORITIES, PRIORITY_WORDS, STATUS_WORDS } from "../../names.js";
import { type Faults, faultAt } from "../faults.js";
import { FieldNotes } from "../fields.js";
import { LANGUAGES, languageName, languageTag } from "../languages.js";
import { changedRow, type Row, withRow } from "./rows.js";
import { CHANNEL_WORDS, FIELD_WORDS, hasValues, TESTS, testWords } from "./rule-words.js";
import type { Known } from "./use-names.js";
import { asTag, ChosenValues, WrittenValues } from "./values-field.js";

/** Of a field with few values, the one that is taken first; of the others none. */
const FIRST: Readonly<Partial<Record<ConditionField, string>>> = {
	verified: "yes",
	hours: "open",
	rating: "3",
};

const firstValues = (field: ConditionField, test: ConditionTest): string[] =>
	hasValues(test) && FIRST[field] ? [FIRST[field]] : [];

const NEW: Condition = { field: "message", test: "contains", values: [] };

const entriesOf = <K extends string>(words: Readonly<Record<K, string>>) =>
	Object.entries(words) as unknown as readonly (readonly [K, string])[];

/** Conditions: all of them must be so, or one. */
export function ConditionsField({
	name,
	label,
	help,
	rows,
	faults,
	known,
	tags,
	onRows,
}: {
	name: "all" | "any";
	label: string;
	help: string;
	rows: readonly Row<Condition>[];
	faults: Faults;
	known: Known;
	/** Tags in use. */
	tags: readonly string[];
	onRows: (rows: readonly Row<Condition>[]) => void;
}) {
	const adder = useRef<HTMLButtonElement>(null);
	const whole = faults.fields.find(({ field }) => field === name);
	return (
		<div class="form-field">
			<span class="form-label" id={`rule-${name}-label`}>
				{label}
			</span>
			<fieldset class="form-control" aria-labelledby={`rule-${name}-label`}>
				{rows.length > 0 && (
					<ol class="cards">
						{rows.map(({ key, it }, at) => (
							<li key={key} class="card">
								<ConditionRow
									path={`${name}[${at}]`}
									id={`rule-${name}-${key}`}
									condition={it}
									faults={faults}
									known={known}
									tags={tags}
									onCondition={(next) => onRows(changedRow(rows, key, next))}
									onRemove={() => {
										onRows(rows.filter((row) => row.key !== key));
										adder.current?.focus();
									}}
								/>
							</li>
						))}
					</ol>
				)}
				<button
					type="button"
					ref={adder}
					class="button outline small"
					aria-label={`Add condition: ${label.toLowerCase()}`}
					onClick={() => onRows(withRow(rows, NEW))}
				>
					<PlusIcon size={16} />
					Add condition
				</button>
				<FieldNotes id={`rule-${name}`} help={help} error={whole ? `This ${whole.message}.` : null} />
			</fieldset>
		</div>
	);
}

interface ConditionRowProps {
	readonly path: string;
	readonly id: string;
	readonly condition: Condition;
	readonly faults: Faults;
	readonly known: Known;
	readonly tags: readonly string[];
	readonly onCondition: (condition: Condition) => void;
	readonly onRemove: () => void;
}

function ConditionRow(props: ConditionRowProps) {
	const { path, id, condition, faults, onCondition, onRemove } = props;
	const { field, test } = condition;
	const setField = (next: ConditionField) => {
		const fitting = TESTS[next].includes(test) ? test : (TESTS[next][0] ?? "is");
		onCondition({ field: next, test: fitting, values: firstValues(next, fitting) });
	};
	const setTest = (next: ConditionTest) => {
		const kept = hasValues(next) && hasValues(test) ? (condition.values ?? []) : firstValues(field, next);
		onCondition({ ...condition, test: next, values: kept });
	};
	const nameError = faultAt(faults, `${path}.name`, "The name");
	const testError = faultAt(faults, `${path}.test`, "The test");
	// Of these "is not" says nothing that the other value does not say.
	const oneTest = (field === "verified" || field === "hours") && test === "is";
	return (
		<>
			<div class="card-head">
				<div class="card-fields">
					<select
						class="text-field"
						aria-label="What is looked at"
						value={field}
						onChange={(event) => setField(event.currentTarget.value as ConditionField)}
					>
						{entriesOf(FIELD_WORDS).map(([one, words]) => (
							<option key={one} value={one}>
								{words}
							</option>
						))}
					</select>
					{field === "attribute" && (
						<input
							id={`${id}-name`}
							class={nameError ? "text-field wrong" : "text-field"}
							dir="auto"
							autocomplete="off"
							aria-label="Name of the detail"
							placeholder="Its name"
							value={condition.name ?? ""}
							aria-invalid={nameError ? true : undefined}
							aria-describedby={nameError ? `${id}-name-error` : undefined}
							onInput={(event) => onCondition({ ...condition, name: event.currentTarget.value })}
						/>
					)}
					{oneTest ? (
						<span class="card-word">is</span>
					) : (
						<select
							class="text-field"
							aria-label="How it is compared"
							value={test}
							aria-invalid={testError ? true : undefined}
							onChange={(event) => setTest(event.currentTarget.value as ConditionTest)}
						>
							{TESTS[field].map((one) => (
								<option key={one} value={one}>
									{testWords(field, one)}
								</option>
							))}
						</select>
					)}
				</div>
				<span class="card-acts">
					<button
						type="button"
						class="icon-button"
						aria-label="Remove this condition"
						title="Remove"
						onClick={onRemove}
					>
						<CloseIcon size={16} />
					</button>
				</span>
			</div>
			<FieldNotes id={`${id}-name`} help={null} error={nameError ?? testError} />
			{hasValues(test) && <Values {...props} />}
		</>
	);
}

/** What is wrong with the values, by the one that is wrong. */
function valueFault(faults: Faults, path: string, values: readonly string[]): string | null {
	const fault = faults.fields.find(({ field }) => field.startsWith(`${path}.values`));
	if (!fault) return null;
	const at = /\[(\d+)\]$/.exec(fault.field)?.[1];
	const value = at === undefined ? undefined : values[Number(at)];
	return `${value === undefined ? "The value" : `“${value}”`} ${fault.message}.`;
}

function Values({ path, id, condition, faults, known, tags, onCondition }: ConditionRowProps) {
	const { field, values = [] } = condition;
	const onValue = (next: string[]) => onCondition({ ...condition, values: next });
	const error = valueFault(faults, path, values);
	const common = {
		id: `${id}-values`,
		label: `${FIELD_WORDS[field]}: values`,
		value: values,
		error,
		onValue,
	};
	const chosen = (options: readonly (readonly [string, string])[], none = "") => (
		<ChosenValues {...common} options={options} none={none} />
	);
	const one = (options: readonly (readonly [string, string])[]) => (
		<OneValue {...common} value={values[0] ?? ""} options={options} />
	);
	switch (field) {
		case "verified":
			return one([
				["yes", "yes"],
				["no", "no"],
			]);
		case "hours":
			return one([
				["open", "open"],
				["closed", "closed"],
			]);
		case "rating":
			return one(["1", "2", "3", "4", "5"].map((score) => [score, score] as const));
		case "status":
			return chosen(entriesOf(STATUS_WORDS));
		case "priority":
			return chosen(PRIORITIES.map((priority) => [priority, PRIORITY_WORDS[priority]] as const));
		case "channel":
			return chosen(entriesOf(CHANNEL_WORDS));
		case "agent":
			return chosen(
				known.agents.filter(({ disabled }) => !disabled).map(({ id, name }) => [id, name] as const),
				"There is nobody yet.",
			);
		case "team":
			return chosen(
				known.teams.map(({ id, name }) => [id, name] as const),
				"There is no team yet.",
			);
		case "site":
			return chosen(known.sites.map(({ key, name }) => [key, name] as const));
		case "language":
			return (
				<WrittenValues
					{...common}
					read={languageTag}
					show={languageName}
					unknown="is no language known here. Write its tag, such as de or pt-BR."
					offers={LANGUAGES.map(({ name }) => name)}
					placeholder="A language"
				/>
			);
		case "tag":
			return <WrittenValues {...common} read={asTag} offers={tags} commas placeholder="A tag" />;
		case "message":
			return <WrittenValues {...common} placeholder="A word, or several; Enter for another choice" />;
		default:
			return <WrittenValues {...common} placeholder="A text; Enter for another choice" />;
	}
}

function OneValue({
	id,
	label,
	value,
	error,
	options,
	onValue,
}: {
	id: string;
	label: string;
	value: string;
	error: string | null;
	options: readonly (readonly [value: string, words: string])[];
	onValue: (value: string[]) => void;
}) {
	return (
		<div class="values">
			<select
				id={id}
				class="text-field"
				aria-label={label}
				value={value}
				aria-invalid={error ? true : undefined}
				aria-describedby={error ? `${id}-error` : undefined}
				onChange={(event) => onValue([event.currentTarget.value])}
			>
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

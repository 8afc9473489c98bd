import { useRef } from "preact/hooks";
import type { RuleAction } from "../../../protocol/types.js";
import { ArrowDownIcon, CloseIcon, PlusIcon } from "../../../ui/icons.js";
import { ACTION_WORDS, type ActionType } from "../../automation/action-words.js";
import type { Faults } from "../faults.js";
import { FieldNotes } from "../fields.js";
import { ActionInputs } from "./action-inputs.js";
import { changedRow, moved, type Row, withRow } from "./rows.js";
import type { Known } from "./use-names.js";

/** An action of a type, as it begins. Whom it names is still to be chosen where it is "". */
function newAction(type: ActionType): RuleAction {
	switch (type) {
		case "tags":
			return { type, add: [], remove: [] };
		case "priority":
			return { type, priority: "high" };
		case "category":
			return { type, category: null };
		case "subject":
			return { type, subject: null };
		case "attribute":
			return { type, name: "", value: null };
		case "assign":
			return { type, agent_id: "" };
		case "assign_me":
			return { type };
		case "team":
			return { type, team_id: "" };
		case "skills":
			return { type, skills: [] };
		case "status":
			return { type, status: "resolved" };
		case "snooze":
			return { type, minutes: 60 };
		case "message":
		case "note":
			return { type, body: "" };
	}
}

/** What is done, one after the other. */
export function ActionsField({
	rows,
	forMacro,
	faults,
	known,
	tags,
	onRows,
}: {
	rows: readonly Row<RuleAction>[];
	/** Somebody runs it. */
	forMacro: boolean;
	faults: Faults;
	known: Known;
	/** Tags in use. */
	tags: readonly string[];
	onRows: (rows: readonly Row<RuleAction>[]) => void;
}) {
	const adder = useRef<HTMLButtonElement>(null);
	const list = useRef<HTMLOListElement>(null);
	const whole = faults.fields.find(({ field }) => field === "actions");
	const types = (Object.keys(ACTION_WORDS) as ActionType[]).filter(
		(type) => forMacro || type !== "assign_me",
	);
	const move = (from: number, by: number, key: number) => {
		onRows(moved(rows, from, by));
		// To move a card takes the focus from its button.
		requestAnimationFrame(() =>
			list.current?.querySelector<HTMLElement>(`[data-key="${key}"] [data-move="${by}"]`)?.focus(),
		);
	};
	return (
		<div class="form-field">
			<span class="form-label" id="actions-label">
				Do this
			</span>
			<fieldset class="form-control" aria-labelledby="actions-label">
				{rows.length > 0 && (
					<ol class="cards" ref={list}>
						{rows.map(({ key, it }, at) => {
							const change = (action: RuleAction) => onRows(changedRow(rows, key, action));
							return (
								<li key={key} class="card" data-key={key}>
									<div class="card-head">
										<span class="card-number" aria-hidden="true">
											{at + 1}
										</span>
										<div class="card-fields">
											<select
												class="text-field"
												aria-label={`Action ${at + 1}`}
												value={it.type}
												onChange={(event) => change(newAction(event.currentTarget.value as ActionType))}
											>
												{types.map((type) => (
													<option key={type} value={type}>
														{ACTION_WORDS[type]}
													</option>
												))}
											</select>
										</div>
										<span class="card-acts">
											<MoveButton
												name={`action ${at + 1}`}
												by={-1}
												able={at > 0}
												onMove={() => move(at, -1, key)}
											/>
											<MoveButton
												name={`action ${at + 1}`}
												by={1}
												able={at < rows.length - 1}
												onMove={() => move(at, 1, key)}
											/>
											<button
												type="button"
												class="icon-button"
												aria-label={`Remove action ${at + 1}`}
												title="Remove"
												onClick={() => {
													onRows(rows.filter((row) => row.key !== key));
													adder.current?.focus();
												}}
											>
												<CloseIcon size={16} />
											</button>
										</span>
									</div>
									<ActionInputs
										id={`action-${key}`}
										at={at}
										action={it}
										forMacro={forMacro}
										faults={faults}
										known={known}
										tags={tags}
										onAction={change}
									/>
								</li>
							);
						})}
					</ol>
				)}
				<button
					type="button"
					ref={adder}
					class="button outline small"
					aria-invalid={whole ? true : undefined}
					aria-describedby={whole ? "actions-error" : undefined}
					onClick={() => onRows(withRow(rows, newAction(rows.length === 0 ? "tags" : "note")))}
				>
					<PlusIcon size={16} />
					Add action
				</button>
				<FieldNotes
					id="actions"
					help={forMacro ? "If one of them cannot be done, none is." : null}
					error={whole ? `What is to be done ${whole.message}.` : null}
				/>
			</fieldset>
		</div>
	);
}

/** Moves something by one place; at the end of the way it stays, and does nothing. */
export function MoveButton({
	name,
	by,
	able,
	onMove,
}: {
	name: string;
	by: 1 | -1;
	able: boolean;
	onMove: () => void;
}) {
	return (
		<button
			type="button"
			class={by < 0 ? "icon-button upwards" : "icon-button"}
			data-move={by}
			aria-label={`Move ${name} ${by < 0 ? "up" : "down"}`}
			title={by < 0 ? "Move up" : "Move down"}
			aria-disabled={!able}
			onClick={() => able && onMove()}
		>
			<ArrowDownIcon size={16} />
		</button>
	);
}

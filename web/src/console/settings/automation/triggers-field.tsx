import type { Trigger } from "../../../protocol/types.js";
import { capital } from "../../automation/action-words.js";
import { FieldNotes } from "../fields.js";
import { TRIGGER_GROUPS, triggerWords } from "./rule-words.js";

/** What sets a rule off: any number, in their groups. */
export function TriggersField({
	value,
	error,
	onValue,
}: {
	value: readonly Trigger[];
	error: string | null;
	onValue: (value: Trigger[]) => void;
}) {
	return (
		<div class="form-field">
			<span class="form-label" id="rule-on-label">
				When
			</span>
			<div class="form-control">
				{TRIGGER_GROUPS.map(([group, triggers]) => (
					<fieldset key={group} class="triggers">
						<legend>{group}</legend>
						<ul class="checks">
							{triggers.map((trigger) => (
								<li key={trigger}>
									<label class="check">
										<input
											type="checkbox"
											checked={value.includes(trigger)}
											aria-invalid={error ? true : undefined}
											aria-describedby={error ? "rule-on-error" : undefined}
											onChange={(event) =>
												onValue(
													event.currentTarget.checked
														? [...value, trigger]
														: value.filter((one) => one !== trigger),
												)
											}
										/>
										<span>{capital(triggerWords(trigger))}</span>
									</label>
								</li>
							))}
						</ul>
					</fieldset>
				))}
				<FieldNotes id="rule-on" help={null} error={error} />
			</div>
		</div>
	);
}

import { useRef, useState } from "preact/hooks";
import type { SetSkill, Skill } from "../../../protocol/types.js";
import { CloseIcon } from "../../../ui/icons.js";
import { FieldNotes } from "../fields.js";

/** How well, in words. */
const LEVELS: readonly string[] = ["A little", "Some", "Well", "Very well", "Best"];

/** Skills, each with how well somebody has it. */
export function SkillsField({
	id = "skills",
	skills,
	value,
	error,
	onValue,
}: {
	id?: string;
	skills: readonly Skill[];
	value: readonly SetSkill[];
	error: string | null;
	onValue: (value: SetSkill[]) => void;
}) {
	const [next, setNext] = useState("");
	const adder = useRef<HTMLSelectElement>(null);
	const free = skills.filter(({ id }) => !value.some(({ skill }) => skill === id));
	const chosen = free.some(({ id }) => id === next) ? next : (free[0]?.id ?? "");
	const nameOf = (one: string) => skills.find((skill) => skill.id === one)?.name ?? one;
	return (
		<div class="form-field">
			<span class="form-label" id={`${id}-label`}>
				Skills
			</span>
			<fieldset class="form-control" aria-labelledby={`${id}-label`}>
				{skills.length === 0 && <p class="form-help">There is no skill yet.</p>}
				{value.length > 0 && (
					<ul class="pairs">
						{value.map(({ skill, level }) => (
							<li key={skill}>
								<bdi>{nameOf(skill)}</bdi>
								<select
									class="text-field"
									aria-label={`${nameOf(skill)}: how well`}
									value={level}
									onChange={(event) => {
										const chosenLevel = Number(event.currentTarget.value);
										onValue(value.map((one) => (one.skill === skill ? { skill, level: chosenLevel } : one)));
									}}
								>
									{LEVELS.map((words, at) => (
										<option key={words} value={at + 1}>
											{at + 1}: {words}
										</option>
									))}
								</select>
								<button
									type="button"
									class="icon-button"
									aria-label={`Remove ${nameOf(skill)}`}
									title="Remove"
									onClick={() => {
										onValue(value.filter((one) => one.skill !== skill));
										requestAnimationFrame(() => adder.current?.focus());
									}}
								>
									<CloseIcon size={16} />
								</button>
							</li>
						))}
					</ul>
				)}
				{free.length > 0 && (
					<div class="adder">
						<select
							ref={adder}
							class="text-field"
							aria-label="Another skill"
							value={chosen}
							onChange={(event) => setNext(event.currentTarget.value)}
						>
							{free.map(({ id, name }) => (
								<option key={id} value={id}>
									{name}
								</option>
							))}
						</select>
						<button
							type="button"
							class="button outline"
							onClick={() => onValue([...value, { skill: chosen, level: 3 }])}
						>
							Add skill
						</button>
					</div>
				)}
				<FieldNotes id={id} help={null} error={error} />
			</fieldset>
		</div>
	);
}

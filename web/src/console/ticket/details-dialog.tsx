import { useEffect, useState } from "preact/hooks";
import type { Priority, SessionSummary } from "../../protocol/types.js";
import { PriorityMark } from "../../ui/marks.js";
import { FormDialog } from "../desk/form-dialog.js";
import { PRIORITIES, PRIORITY_WORDS } from "../names.js";
import { AttributeFields } from "./attribute-fields.js";
import {
	attributesTrouble,
	CATEGORY_CHARS,
	type Details,
	detailsOf,
	knownCategories,
	patchOf,
	refusalWords,
	SUBJECT_CHARS,
	suggestedTags,
	withTyped,
} from "./changes.js";
import type { ChatDialogProps } from "./dialogs.js";
import { type Groups, NO_GROUPS } from "./groups.js";
import { TagField } from "./tag-field.js";

/** What the chat is about, and how urgent it is. */
export function DetailsDialog({ desk, chat, onDone, atTags }: ChatDialogProps & { atTags: boolean }) {
	const summary = chat.snapshot.value.summary;
	const [before] = useState<Details | null>(() => summary && detailsOf(summary));
	const [wanted, setWanted] = useState(before);
	const [typed, setTyped] = useState("");
	const [tagError, setTagError] = useState<string | null>(null);
	const [attributesError, setAttributesError] = useState<string | null>(null);
	const [trouble, setTrouble] = useState<string | null>(null);
	const [groups, setGroups] = useState<Groups>(NO_GROUPS);
	useEffect(() => {
		let there = true;
		void desk.groups().then((answer) => there && setGroups(answer));
		return () => {
			there = false;
		};
	}, [desk]);
	if (!summary || !before || !wanted) return null;

	const others = Object.values(desk.lists).flatMap((list) => list.value.sessions);
	const change = (over: Partial<Details>) => setWanted({ ...wanted, ...over });

	/** True where there was a tag to take. */
	const take = (text: string): boolean => {
		const { tags, error } = withTyped(wanted.tags, text);
		setTagError(error ?? null);
		if (error) return false;
		change({ tags });
		setTyped("");
		return true;
	};

	const save = async () => {
		// What stands in the tag field was meant, too.
		const { tags, error } = withTyped(wanted.tags, typed);
		setTagError(error ?? null);
		const wrong = attributesTrouble(wanted.attributes);
		setAttributesError(wrong);
		if (error || wrong) return;
		const patch = patchOf(before, { ...wanted, tags }, detailsOf(summary));
		if (patch) {
			setTrouble(null);
			const refusal = await chat.change(patch);
			if (refusal) {
				setTrouble(refusalWords(refusal));
				return;
			}
			desk.announcer.say("Details saved");
		}
		onDone();
	};

	return (
		<FormDialog
			title={`Details of #${summary.number}`}
			verb="Save"
			doing="Saving"
			busy={chat.busy.value !== null}
			trouble={trouble}
			onSubmit={() => void save()}
			onCancel={onDone}
		>
			<div class="form-field">
				<label for="details-subject">Subject</label>
				<input
					id="details-subject"
					class="text-field"
					dir="auto"
					autocomplete="off"
					maxLength={SUBJECT_CHARS}
					value={wanted.subject}
					placeholder="What it is about"
					onInput={(event) => change({ subject: event.currentTarget.value })}
					autofocus={!atTags}
				/>
			</div>
			<div class="form-field">
				<label for="details-category">Category</label>
				<input
					id="details-category"
					class="text-field"
					dir="auto"
					autocomplete="off"
					maxLength={CATEGORY_CHARS}
					value={wanted.category}
					placeholder="What kind of matter it is"
					list="details-categories"
					onInput={(event) => change({ category: event.currentTarget.value })}
				/>
				<datalist id="details-categories">
					{knownCategories(others).map((category) => (
						<option key={category} value={category} />
					))}
				</datalist>
			</div>
			<NeedFields summary={summary} groups={groups} wanted={wanted} onChange={change} />
			<PriorityChoice value={wanted.priority} onValue={(priority) => change({ priority })} />
			<TagField
				tags={wanted.tags}
				typed={typed}
				error={tagError}
				suggested={suggestedTags(others, wanted.tags, typed)}
				autofocus={atTags}
				onTyped={setTyped}
				onTake={take}
				onRemove={(tag) => {
					setTagError(null);
					change({ tags: wanted.tags.filter((one) => one !== tag) });
				}}
			/>
			<AttributeFields
				attributes={wanted.attributes}
				error={attributesError}
				onChange={(attributes) => {
					setAttributesError(null);
					change({ attributes });
				}}
			/>
		</FormDialog>
	);
}

/** For whom it is. Nothing of teams where there are none. */
function NeedFields({
	summary,
	groups: { teams },
	wanted,
	onChange,
}: {
	summary: SessionSummary;
	groups: Groups;
	wanted: Details;
	onChange: (over: Partial<Details>) => void;
}) {
	const { team } = summary;
	// The one it has may be gone, or not told yet.
	const all = team && !teams.some(({ id }) => id === team.id) ? [team, ...teams] : teams;
	return (
		<>
			{all.length > 0 && (
				<div class="form-field">
					<label for="details-team">Team</label>
					<select
						id="details-team"
						class="text-field"
						value={wanted.team}
						onChange={(event) => onChange({ team: event.currentTarget.value })}
					>
						<option value="">Any</option>
						{all.map(({ id, name }) => (
							<option key={id} value={id}>
								{name}
							</option>
						))}
					</select>
				</div>
			)}
			<div class="form-field">
				<label for="details-language">Language</label>
				<input
					id="details-language"
					class="text-field"
					dir="ltr"
					autocomplete="off"
					spellcheck={false}
					maxLength={35}
					placeholder="As en, or pt-BR"
					value={wanted.language}
					onInput={(event) => onChange({ language: event.currentTarget.value })}
				/>
			</div>
		</>
	);
}

function PriorityChoice({ value, onValue }: { value: Priority; onValue: (priority: Priority) => void }) {
	return (
		<fieldset class="form-field segments">
			<legend>Priority</legend>
			<div class="segment-track">
				{PRIORITIES.map((priority) => (
					<label key={priority} class="segment">
						<input
							type="radio"
							name="priority"
							value={priority}
							checked={priority === value}
							onChange={() => onValue(priority)}
						/>
						{priority !== "normal" && <PriorityMark priority={priority} />}
						<span>{PRIORITY_WORDS[priority]}</span>
					</label>
				))}
			</div>
		</fieldset>
	);
}

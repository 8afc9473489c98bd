import { useEffect, useState } from "preact/hooks";
import type { AgentId, BulkAction, Priority, SessionSummary } from "../../protocol/types.js";
import type { Desk } from "../desk/desk.js";
import { FormDialog } from "../desk/form-dialog.js";
import { PRIORITIES, PRIORITY_WORDS } from "../names.js";
import { refusalWords, suggestedTags, withTyped } from "../ticket/changes.js";
import { type Colleagues, loadColleagues } from "../ticket/colleagues.js";
import { TagField } from "../ticket/tag-field.js";
import { chats } from "./bulk.js";

const KINDS = {
	priority: "Set the priority",
	add: "Add tags",
	remove: "Remove tags",
	assign: "Give to a colleague",
	line: "Put back in line",
} as const;

type Kind = keyof typeof KINDS;

/** The rest of what can be done to many chats. */
export function BulkDialog({ desk, chosen, onDone }: BulkDialogProps) {
	const [kind, setKind] = useState<Kind>("priority");
	const [priority, setPriority] = useState<Priority>("high");
	const [tags, setTags] = useState<readonly string[]>([]);
	const [typed, setTyped] = useState("");
	const [tagError, setTagError] = useState<string | null>(null);
	const [team, setTeam] = useState<Colleagues>({ state: "asking" });
	const [agent, setAgent] = useState<AgentId>(desk.me.id);
	const [trouble, setTrouble] = useState<string | null>(null);
	const [busy, setBusy] = useState(false);

	useEffect(() => {
		let there = true;
		void loadColleagues(desk.client, [desk.me.id], () => undefined).then((known) => there && setTeam(known));
		return () => {
			there = false;
		};
	}, [desk]);

	const take = (text: string): boolean => {
		const taken = withTyped(tags, text);
		setTagError(taken.error ?? null);
		if (taken.error) return false;
		setTags(taken.tags);
		setTyped("");
		return true;
	};

	const action = (): BulkAction | null => {
		switch (kind) {
			case "priority":
				return { type: "priority", priority };
			case "add":
			case "remove": {
				// What stands in the field was meant, too.
				const { tags: all, error } = withTyped(tags, typed);
				setTagError(error ?? (all.length === 0 ? "Type a tag." : null));
				if (error || all.length === 0) return null;
				return kind === "add" ? { type: "tags", add: [...all] } : { type: "tags", remove: [...all] };
			}
			case "assign":
				return { type: "assign", agent_id: agent };
			case "line":
				return { type: "assign", agent_id: null };
		}
	};

	const submit = async () => {
		const wanted = action();
		if (!wanted) return;
		setBusy(true);
		setTrouble(null);
		const refusal = await desk.bulks.run(wanted, chosen);
		setBusy(false);
		if (refusal) setTrouble(refusalWords(refusal));
		else onDone();
	};

	const inUse = kind === "remove" ? [...new Set(chosen.flatMap((one) => one.tags ?? []))] : null;
	const others = Object.values(desk.lists).flatMap((list) => list.value.sessions);
	return (
		<FormDialog
			title={`Change ${chats(chosen.length)}`}
			verb={`Change ${chats(chosen.length)}`}
			doing="Beginning"
			busy={busy}
			trouble={trouble}
			onSubmit={() => void submit()}
			onCancel={onDone}
		>
			<div class="form-field">
				<label for="bulk-kind">What to do</label>
				<select
					id="bulk-kind"
					class="text-field"
					value={kind}
					onChange={(event) => setKind(event.currentTarget.value as Kind)}
				>
					{Object.entries(KINDS).map(([name, words]) => (
						<option key={name} value={name}>
							{words}
						</option>
					))}
				</select>
			</div>
			{kind === "priority" && (
				<div class="form-field">
					<label for="bulk-priority">Priority</label>
					<select
						id="bulk-priority"
						class="text-field"
						value={priority}
						onChange={(event) => setPriority(event.currentTarget.value as Priority)}
					>
						{PRIORITIES.map((one) => (
							<option key={one} value={one}>
								{PRIORITY_WORDS[one]}
							</option>
						))}
					</select>
				</div>
			)}
			{(kind === "add" || kind === "remove") && (
				<TagField
					tags={tags}
					typed={typed}
					error={tagError}
					suggested={
						inUse
							? inUse.filter((tag) => !tags.includes(tag)).slice(0, 12)
							: suggestedTags(others, tags, typed)
					}
					autofocus={false}
					onTyped={setTyped}
					onTake={take}
					onRemove={(tag) => setTags(tags.filter((one) => one !== tag))}
				/>
			)}
			{kind === "assign" && (
				<div class="form-field">
					<label for="bulk-agent">Colleague</label>
					<select
						id="bulk-agent"
						class="text-field"
						value={agent}
						onChange={(event) => setAgent(event.currentTarget.value)}
					>
						<option value={desk.me.id}>You</option>
						{team.state === "known" &&
							team.all.map((one) => (
								<option key={one.id} value={one.id}>
									{one.name}
								</option>
							))}
					</select>
				</div>
			)}
		</FormDialog>
	);
}

interface BulkDialogProps {
	readonly desk: Desk;
	readonly chosen: readonly SessionSummary[];
	readonly onDone: () => void;
}

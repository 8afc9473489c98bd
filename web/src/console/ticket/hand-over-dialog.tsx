import { useEffect, useRef, useState } from "preact/hooks";
import { LIMITS } from "../../protocol/types.js";
import { Avatar } from "../../ui/avatar.js";
import { NoteIcon } from "../../ui/icons.js";
import { canPutBack } from "../desk/can.js";
import { FormDialog } from "../desk/form-dialog.js";
import { ROLE_WORDS } from "../names.js";
import { focusPane } from "../panes.js";
import { refusalWords } from "./changes.js";
import { type Colleague, type Colleagues, found } from "./colleagues.js";
import type { ChatDialogProps } from "./dialogs.js";

/** To a colleague, with a word that only the team sees. */
export function HandOverDialog({ desk, chat, onDone }: ChatDialogProps) {
	const [team, setTeam] = useState<Colleagues>({ state: "asking" });
	const [looked, setLooked] = useState("");
	const [chosen, setChosen] = useState<Colleague | null>(null);
	// Leaving the dialog does not throw the note away.
	const kept = `${chat.id}.hand-over`;
	const [note, setNote] = useState(() => desk.drafts.get(kept));
	const [trouble, setTrouble] = useState<string | null>(null);
	const busy = chat.busy.value === "hand-over";
	const { summary } = chat.snapshot.value;

	const ask = async () => {
		setTeam({ state: "asking" });
		setTeam(await desk.colleagues());
	};
	useEffect(() => {
		let there = true;
		void desk.colleagues().then((answer) => there && setTeam(answer));
		return () => {
			there = false;
		};
	}, [desk, chat]);

	const over = [...note.trim()].length - LIMITS.messageChars;
	const submit = async () => {
		if (!chosen) return;
		setTrouble(null);
		const refusal = await desk.handOver(chosen, note);
		if (refusal) {
			setTrouble(refusalWords(refusal));
			return;
		}
		desk.drafts.set(kept, "");
		onDone();
		if (desk.chat.value !== chat) focusPane("list");
	};

	return (
		<FormDialog
			title="Hand this chat over"
			verb={chosen ? `Hand over to ${chosen.name}` : "Hand over"}
			doing="Handing over"
			busy={busy}
			unready={!chosen || over > 0}
			trouble={trouble}
			onSubmit={() => void submit()}
			onCancel={onDone}
		>
			{team.state === "known" && team.all.length > 0 ? (
				<People all={team.all} looked={looked} onLooked={setLooked} chosen={chosen} onChosen={setChosen} />
			) : (
				<NoPeople team={team} onAgain={() => void ask()} />
			)}
			{(team.state === "refused" || (team.state === "known" && team.all.length === 0)) &&
				summary &&
				canPutBack(summary, desk.me) && (
					<button
						type="button"
						class="button outline wide"
						onClick={() => {
							onDone();
							void desk.putBack();
						}}
					>
						Put back in line
					</button>
				)}
			<div class="form-field">
				<label for="hand-over-note">
					Note <span class="optional">Optional</span>
				</label>
				<textarea
					id="hand-over-note"
					class="text-field note-field"
					dir="auto"
					rows={3}
					value={note}
					placeholder="What your colleague should know"
					aria-describedby="hand-over-note-help"
					onInput={(event) => {
						setNote(event.currentTarget.value);
						desk.drafts.set(kept, event.currentTarget.value);
					}}
				/>
				<p class={over > 0 ? "form-error" : "form-help"} id="hand-over-note-help">
					<NoteIcon size={16} />
					<span>{over > 0 ? `${over} characters too many` : "Only your team sees this."}</span>
				</p>
			</div>
		</FormDialog>
	);
}

interface PeopleProps {
	readonly all: readonly Colleague[];
	readonly looked: string;
	readonly onLooked: (text: string) => void;
	readonly chosen: Colleague | null;
	readonly onChosen: (who: Colleague) => void;
}

function People({ all, looked, onLooked, chosen, onChosen }: PeopleProps) {
	const list = useRef<HTMLFieldSetElement>(null);
	const search = useRef<HTMLInputElement>(null);
	const fitting = found(all, looked);
	// Who was chosen stays to be seen, whatever is looked for afterwards.
	const shown = chosen && !fitting.includes(chosen) ? [chosen, ...fitting] : fitting;
	// The list comes after the dialog: the first thing to do in it is to look for somebody.
	useEffect(() => search.current?.focus(), []);
	return (
		<div class="people">
			<label for="hand-over-search">Colleague</label>
			<input
				id="hand-over-search"
				ref={search}
				class="text-field"
				dir="auto"
				autocomplete="off"
				placeholder="Find by name"
				value={looked}
				onInput={(event) => onLooked(event.currentTarget.value)}
				onKeyDown={(event) => {
					if (event.isComposing) return;
					if (event.key === "ArrowDown") list.current?.querySelector("input")?.focus();
					else if (event.key === "Enter" && !chosen) {
						if (fitting[0]) onChosen(fitting[0]);
					} else return;
					event.preventDefault();
				}}
			/>
			<fieldset class="people-list" ref={list}>
				<legend class="unseen">Who takes the chat</legend>
				{shown.map((who) => (
					<label key={who.id} class="choice person">
						<input
							type="radio"
							name="colleague"
							checked={who.id === chosen?.id}
							onChange={() => onChosen(who)}
						/>
						<Avatar id={who.id} name={who.name} size={28} />
						<bdi class="person-name">{who.name}</bdi>
						<span class="choice-more">{ROLE_WORDS[who.role]}</span>
					</label>
				))}
			</fieldset>
			<p class="form-help" role="status">
				{fitting.length === 0 ? `Nobody found for “${looked.trim()}”.` : ""}
			</p>
		</div>
	);
}

/** One line instead of the list. */
function NoPeople({ team, onAgain }: { team: Colleagues; onAgain: () => void }) {
	return (
		<p class="modal-lead" role="status">
			{team.state === "asking" && "Asking who is in the team"}
			{team.state === "refused" &&
				"Your colleagues are not listed for you. In line, any of them can take it."}
			{team.state === "known" && "You have no colleague yet who could take it."}
			{team.state === "failed" && (
				<>
					{team.message}{" "}
					<button type="button" class="link" onClick={onAgain}>
						Try again
					</button>
				</>
			)}
		</p>
	);
}

import { useEffect, useRef, useState } from "preact/hooks";
import type { HttpError } from "../../client/index.js";
import { LIMITS } from "../../protocol/types.js";
import { Avatar } from "../../ui/avatar.js";
import { NoteIcon } from "../../ui/icons.js";
import { canPutBack } from "../desk/can.js";
import type { Desk } from "../desk/desk.js";
import { FormDialog } from "../desk/form-dialog.js";
import { ROLE_WORDS } from "../names.js";
import { focusPane } from "../panes.js";
import { refusalWords } from "./changes.js";
import { type Colleague, type Colleagues, found } from "./colleagues.js";
import type { ChatDialogProps } from "./dialogs.js";
import { type Groups, NO_GROUPS } from "./groups.js";

/** To a colleague, with a word that only the team sees. */
export function HandOverDialog({ desk, chat, onDone }: ChatDialogProps) {
	const [team, setTeam] = useState<Colleagues>({ state: "asking" });
	const [looked, setLooked] = useState("");
	const [to, setTo] = useState<Kind>("colleague");
	const [groups, setGroups] = useState<Groups>(NO_GROUPS);
	const [chosen, setChosen] = useState<Target | null>(null);
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
		void desk.groups().then((answer) => there && setGroups(answer));
		return () => {
			there = false;
		};
	}, [desk, chat]);

	const over = [...note.trim()].length - LIMITS.messageChars;
	const submit = async () => {
		if (!chosen) return;
		setTrouble(null);
		const refusal = await handTo(desk, chosen, note);
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
			verb={chosen ? `Hand over to ${chosen.who.name}` : "Hand over"}
			doing="Handing over"
			busy={busy}
			unready={!chosen || over > 0}
			trouble={trouble}
			onSubmit={() => void submit()}
			onCancel={onDone}
		>
			<KindChoice
				groups={groups}
				value={to}
				onValue={(kind) => {
					setTo(kind);
					setChosen(null);
				}}
			/>
			{to !== "colleague" ? (
				<GroupChoice kind={to} groups={groups} chosen={chosen} onChosen={setChosen} />
			) : team.state === "known" && team.all.length > 0 ? (
				<People
					all={team.all}
					looked={looked}
					onLooked={setLooked}
					chosen={chosen?.kind === "colleague" ? chosen.who : null}
					onChosen={(who) => setChosen({ kind: "colleague", who })}
				/>
			) : (
				<NoPeople team={team} onAgain={() => void ask()} />
			)}
			{to === "colleague" &&
				(team.state === "refused" || (team.state === "known" && team.all.length === 0)) &&
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

type Kind = "colleague" | "team" | "skill";

type Target =
	| { readonly kind: "colleague"; readonly who: Colleague }
	| { readonly kind: "team" | "skill"; readonly who: { readonly id: string; readonly name: string } };

function handTo(desk: Desk, target: Target, note: string): Promise<HttpError | null> {
	const { kind, who } = target;
	if (kind === "colleague") return desk.handOver(target.who, note);
	const to = kind === "team" ? { team_id: who.id } : { skill: who.id };
	return desk.handOn(to, kind === "team" ? who.name : `whoever knows ${who.name}`, note);
}

const KINDS: readonly (readonly [Kind, string])[] = [
	["colleague", "A colleague"],
	["team", "A team"],
	["skill", "A skill"],
];

/** Nothing where there are colleagues only. */
function KindChoice(props: { groups: Groups; value: Kind; onValue: (kind: Kind) => void }) {
	const { groups, value, onValue } = props;
	const there = KINDS.filter(
		([kind]) => kind === "colleague" || (kind === "team" ? groups.teams : groups.skills).length > 0,
	);
	if (there.length < 2) return null;
	return (
		<fieldset class="form-field segments">
			<legend>To</legend>
			<div class="segment-track">
				{there.map(([kind, word]) => (
					<label key={kind} class="segment">
						<input
							type="radio"
							name="hand-over-kind"
							value={kind}
							checked={kind === value}
							onChange={() => onValue(kind)}
						/>
						<span>{word}</span>
					</label>
				))}
			</div>
		</fieldset>
	);
}

/** Whoever of these takes it next. */
function GroupChoice(props: {
	kind: "team" | "skill";
	groups: Groups;
	chosen: Target | null;
	onChosen: (target: Target) => void;
}) {
	const { kind, groups, chosen, onChosen } = props;
	const all =
		kind === "team"
			? groups.teams.map(({ id, name, members }) => ({ id, name, count: members.length }))
			: groups.skills.map(({ id, name, agents }) => ({ id, name, count: agents }));
	return (
		<div class="people">
			<fieldset class="people-list">
				<legend class="unseen">{kind === "team" ? "For which team" : "For whoever knows what"}</legend>
				{all.map((who) => (
					<label key={who.id} class="choice person">
						<input
							type="radio"
							name="hand-over-group"
							checked={chosen?.kind === kind && chosen.who.id === who.id}
							onChange={() => onChosen({ kind, who })}
						/>
						<bdi class="person-name">{who.name}</bdi>
						<span class="choice-more">{who.count === 1 ? "1 person" : `${who.count} people`}</span>
					</label>
				))}
			</fieldset>
			<p class="form-help">The chat goes back in line, for them alone.</p>
		</div>
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

import "../styles/macros.css";

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { HttpError, uuid } from "../../client/index.js";
import type { EntryId, Macro, MacroId, Page } from "../../protocol/types.js";
import { AlertIcon } from "../../ui/icons.js";
import { actionsWords, capital, type Names } from "../automation/action-words.js";
import type { Desk } from "../desk/desk.js";
import { Frame } from "../desk/modal.js";
import type { ChatDialogProps } from "./dialogs.js";
import { MacroPreviewPart, useMacroPreview } from "./macro-preview.js";
import { macrosFound } from "./macros.js";

const LIST = "macro-list";
const optionId = (at: number) => `macro-${at}`;

type Loading =
	| { readonly state: "asking" }
	| { readonly state: "known"; readonly macros: readonly Macro[]; readonly names: Names }
	| { readonly state: "failed"; readonly message: string };

/** Finds a macro, and runs it in this chat. */
export function MacroDialog({ desk, chat, onDone }: ChatDialogProps) {
	const [loading, setLoading] = useState<Loading>({ state: "asking" });
	const [looked, setLooked] = useState("");
	const [active, setActive] = useState(0);
	const [trouble, setTrouble] = useState<string | null>(null);
	/** A run whose outcome is not known goes on under its id. */
	const open = useRef(new Map<MacroId, EntryId>());
	const running = chat.busy.value === "macro";

	const ask = async () => {
		setLoading({ state: "asking" });
		setLoading(await load(desk));
	};
	useEffect(() => {
		let there = true;
		void load(desk).then((answer) => there && setLoading(answer));
		return () => {
			there = false;
		};
	}, [desk]);

	const found = useMemo(
		() => (loading.state === "known" ? macrosFound(loading.macros, looked, loading.names) : []),
		[loading, looked],
	);
	const at = Math.min(active, found.length - 1);
	useEffect(() => document.getElementById(optionId(at))?.scrollIntoView({ block: "nearest" }), [at]);

	const chosen: Macro | undefined = found[at];
	const preview = useMacroPreview(desk, chat, chosen);

	const run = async (macro: Macro | undefined) => {
		if (!macro || running) return;
		setTrouble(null);
		const blanks = await preview.blanks(macro).catch((error: unknown) => {
			if (error instanceof HttpError) return error;
			throw error;
		});
		if (blanks === null) return;
		if (blanks instanceof HttpError) {
			setTrouble(blanks.message);
			return;
		}
		const id = open.current.get(macro.id) ?? uuid();
		open.current.set(macro.id, id);
		const answer = await chat.runMacro(macro.id, { id, blanks });
		if (answer instanceof HttpError) {
			if (!answer.retryable) open.current.delete(macro.id);
			setTrouble(answer.retryable ? `${answer.message} Run it again: it is done once.` : answer.message);
			return;
		}
		onDone();
		desk.tell(answer.seq === null ? `${macro.name}: there was nothing to change` : `Done: ${macro.name}`);
	};

	const onKeyDown = (event: KeyboardEvent) => {
		if (event.isComposing) return;
		const count = found.length;
		if (event.key === "Enter") void run(chosen);
		else if (event.key === "ArrowDown" && count > 0) setActive((at + 1) % count);
		else if (event.key === "ArrowUp" && count > 0) setActive((at - 1 + count) % count);
		else return;
		event.preventDefault();
	};

	const none = loading.state === "known" && loading.macros.length === 0;
	return (
		<Frame title="Run a macro" onCancel={onDone}>
			<div class="modal-form">
				<input
					class="text-field"
					type="text"
					dir="auto"
					role="combobox"
					aria-label="Find a macro"
					aria-autocomplete="list"
					aria-expanded={found.length > 0}
					aria-controls={LIST}
					aria-activedescendant={found.length > 0 ? optionId(at) : undefined}
					autocomplete="off"
					placeholder="Find by name, or by what it does"
					autofocus
					value={looked}
					onInput={(event) => {
						setLooked(event.currentTarget.value);
						setActive(0);
						setTrouble(null);
					}}
					onKeyDown={onKeyDown}
				/>
				<div id={LIST} class="macro-list" role="listbox" aria-label="Macros" aria-busy={running}>
					{loading.state === "known" &&
						found.map((macro, index) => (
							<div
								key={macro.id}
								id={optionId(index)}
								role="option"
								tabIndex={-1}
								class="macro-option"
								aria-selected={index === at}
								aria-disabled={running}
								onClick={() => {
									setActive(index);
									setTrouble(null);
								}}
								onKeyDown={(event) => {
									if (event.key === "Enter") void run(macro);
								}}
							>
								<strong dir="auto">{macro.name}</strong>
								<span dir="auto">
									{macro.owner_id === null ? "" : "Yours. "}
									{capital(actionsWords(macro.actions, loading.names))}
								</span>
							</div>
						))}
				</div>
				{chosen && loading.state === "known" && (
					<MacroPreviewPart
						macro={chosen}
						names={loading.names}
						preview={preview}
						onEnter={() => void run(chosen)}
					/>
				)}
				<p class="form-help" role="status">
					{loading.state === "asking" && "Asking for the macros"}
					{loading.state === "known" &&
						found.length === 0 &&
						!none &&
						`No macro found for “${looked.trim()}”.`}
					{none && "There is no macro yet. One does several things at once: answer, tag and resolve, say."}
					{running && "Running it"}
				</p>
				{loading.state === "failed" && (
					<p class="modal-lead">
						{loading.message}{" "}
						<button type="button" class="link" onClick={() => void ask()}>
							Try again
						</button>
					</p>
				)}
			</div>
			<div role="alert">
				{trouble && (
					<p class="modal-trouble">
						<AlertIcon size={16} />
						<span dir="auto">Nothing was done. {trouble}</span>
					</p>
				)}
			</div>
			<div class="modal-acts">
				<button
					type="button"
					class="button quiet"
					onClick={() => {
						onDone();
						desk.router.go({ settings: none ? "macros/new" : "macros" });
					}}
				>
					{none ? "Make a macro" : "All macros"}
				</button>
				<button type="button" class="button outline" onClick={onDone}>
					Cancel
				</button>
				{chosen && (
					<button type="button" class="button main" aria-disabled={running} onClick={() => void run(chosen)}>
						Run it
					</button>
				)}
			</div>
		</Frame>
	);
}

/** The macros, and who and what they name. */
async function load(desk: Desk): Promise<Loading> {
	try {
		const [{ items }, team, groups] = await Promise.all([
			desk.client.http.get<Page<Macro>>("/macros"),
			desk.everybody(),
			desk.groups(),
		]);
		const agents = new Map(team.state === "known" ? team.all.map(({ id, name }) => [id, name]) : []);
		agents.set(desk.me.id, "you");
		const named = (all: readonly { readonly id: string; readonly name: string }[]) =>
			new Map(all.map(({ id, name }) => [id, name]));
		const names: Names = {
			agents,
			teams: named(groups.teams),
			skills: named(groups.skills),
			sites: new Map(),
		};
		return { state: "known", macros: items, names };
	} catch (error) {
		if (!(error instanceof HttpError)) throw error;
		return { state: "failed", message: error.message };
	}
}

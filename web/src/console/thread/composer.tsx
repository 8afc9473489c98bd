import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { LIMITS } from "../../protocol/types.js";
import { AlertIcon, NoteIcon, SendIcon } from "../../ui/icons.js";
import { TypingDots } from "../../ui/marks.js";
import type { Desk } from "../desk/desk.js";
import { contactName } from "../names.js";
import { lastEditable } from "./amend.js";
import { NameList, useNaming } from "./naming.js";
import type { OpenChat } from "./open-chat.js";

const TELL_FROM = LIMITS.messageChars * 0.9;

/** Where the agent writes, and the line above it, whose room is always kept. */
export function Composer({ desk, chat }: { desk: Desk; chat: OpenChat }) {
	const draft = chat.draft.value;
	const noting = chat.noting.value;
	const editing = chat.editing.value;
	const field = useRef<HTMLTextAreaElement>(null);
	const length = [...draft.trim()].length;
	const over = length - LIMITS.messageChars;
	const canSend = length > 0 && over <= 0;
	const away = desk.away.value;
	const { summary, entries } = chat.snapshot.value;
	const forTeam = editing ? editing.kind === "note" : noting;
	const naming = useNaming({ desk, chat, field, on: noting && !editing });

	useGrowing(field, draft);
	// What is to be changed is gone on with at its end.
	useEffect(() => {
		if (editing) field.current?.setSelectionRange(editing.body.length, editing.body.length);
	}, [editing]);

	const send = () => {
		if (canSend) chat.send();
		field.current?.focus();
	};

	const onKeyDown = (event: KeyboardEvent) => {
		// An input method's Enter chooses a word: it does not send.
		if (event.isComposing || naming.onKeyDown(event)) return;
		if (event.key === "Escape" && editing) {
			chat.edit(null);
		} else if (event.key === "ArrowUp" && draft === "" && !noting && !editing) {
			const last = lastEditable(entries, summary, desk.me, Date.now());
			if (!last) return;
			chat.edit(last);
		} else if (event.key === "Enter" && !event.shiftKey) {
			send();
		} else {
			return;
		}
		event.preventDefault();
		event.stopPropagation();
	};

	const words = editing ? "Change what was said" : noting ? "Write a note" : "Write a reply";
	return (
		<div class="composer-pane">
			<Above chat={chat} />
			<form
				class={forTeam ? "composer for-team" : "composer"}
				onSubmit={(event) => {
					event.preventDefault();
					send();
				}}
			>
				<NameList naming={naming} />
				<label class="unseen" for="composer">
					{words}
				</label>
				<textarea
					id="composer"
					ref={field}
					dir="auto"
					rows={2}
					value={draft}
					placeholder={noting && !editing ? "Write a note for the team. @ names a colleague." : words}
					data-pane="composer"
					aria-describedby="composer-hint"
					{...naming.attributes}
					onInput={(event) => {
						chat.write(event.currentTarget.value);
						naming.look();
					}}
					onSelect={naming.look}
					onBlur={naming.close}
					onKeyDown={onKeyDown}
				/>
				<div class="composer-foot">
					{editing ? (
						<button type="button" class="button quiet" onClick={() => chat.edit(null)}>
							Cancel
						</button>
					) : (
						<button
							type="button"
							class="button quiet note-switch"
							aria-pressed={noting}
							title="For the team only"
							onClick={() => {
								chat.setNoting(!noting);
								field.current?.focus();
							}}
						>
							<NoteIcon size={16} />
							Note
						</button>
					)}
					<p class="composer-hint" id="composer-hint">
						<Hint
							over={over}
							length={length}
							away={away}
							forTeam={forTeam}
							name={summary && contactName(summary.contact)}
						/>
					</p>
					<button type="submit" class="button main send" aria-disabled={!canSend}>
						<span class="wide-word">{editing ? "Save" : noting ? "Add note" : "Send"}</span>
						<SendIcon class="narrow-sign" />
					</button>
				</div>
			</form>
		</div>
	);
}

interface HintProps {
	readonly over: number;
	readonly length: number;
	readonly away: boolean;
	readonly forTeam: boolean;
	readonly name: string | null;
}

function Hint({ over, length, away, forTeam, name }: HintProps) {
	if (over > 0) return <strong class="too-long">{over} characters too many</strong>;
	if (length >= TELL_FROM) return <>{-over} characters left</>;
	if (away) return <>Sent as soon as you are back online</>;
	if (forTeam) return <>Team only</>;
	return name ? (
		<>
			to <bdi>{name}</bdi>
		</>
	) : null;
}

/** One line: trouble first, then what happened meanwhile, then who writes. */
function Above({ chat }: { chat: OpenChat }) {
	const { typing } = chat.snapshot.value;
	const trouble = chat.trouble.value;
	const answered = chat.answered.value;
	if (trouble) {
		return (
			<p class="above trouble" role="alert">
				<AlertIcon size={16} />
				<span dir="auto">{trouble}</span>
				<button type="button" class="link" onClick={chat.dismissTrouble}>
					Dismiss
				</button>
			</p>
		);
	}
	if (answered) {
		return (
			<p class="above" role="status">
				<AlertIcon size={16} />
				<span>
					<strong dir="auto">{answered} answered while you wrote.</strong> Your draft is kept.
				</span>
			</p>
		);
	}
	const names = typing.map((who) => who.name ?? (who.kind === "customer" ? "The customer" : "Somebody"));
	return (
		<p class="above">
			{names.length > 0 && (
				<>
					<TypingDots />
					<span dir="auto">
						{names.length === 1 ? `${names[0]} is writing` : `${list(names)} are writing`}
					</span>
				</>
			)}
		</p>
	);
}

const listFormat = new Intl.ListFormat("en", { type: "conjunction" });
const list = (names: readonly string[]) => listFormat.format(names);

/** Grows with the text up to what the style sheet allows, where the browser cannot do it by itself. */
function useGrowing(field: RefObject<HTMLTextAreaElement | null>, text: string): void {
	useLayoutEffect(() => {
		const area = field.current;
		if (!area || CSS.supports("field-sizing", "content")) return;
		area.style.blockSize = "auto";
		if (text) area.style.blockSize = `${area.scrollHeight}px`;
	}, [field, text]);
}

import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { LIMITS } from "../../protocol/types.js";
import { AttachButton, pasted } from "../../ui/files.js";
import { AlertIcon, BoltIcon, NoteIcon, SendIcon } from "../../ui/icons.js";
import { TypingDots } from "../../ui/marks.js";
import { Tray } from "../../ui/tray.js";
import type { Desk } from "../desk/desk.js";
import { useFollowed } from "../followed.js";
import { contactName } from "../names.js";
import { lastEditable } from "./amend.js";
import { useBlanks } from "./blanks.js";
import { CannedList, useCanned } from "./canned.js";
import { fileWords, trayWords } from "./file-words.js";
import { NameList, useNaming } from "./naming.js";
import type { OpenChat } from "./open-chat.js";
import { blanksWords } from "./slash.js";

const TELL_FROM = LIMITS.messageChars * 0.9;

/** Where the agent writes, and the line above it, whose room is always kept. */
export function Composer({ desk, chat }: { desk: Desk; chat: OpenChat }) {
	const draft = chat.draft.value;
	const noting = chat.noting.value;
	const editing = chat.editing.value;
	const field = useRef<HTMLTextAreaElement>(null);
	const length = [...draft.trim()].length;
	const over = length - LIMITS.messageChars;
	const { summary, entries } = chat.snapshot.value;
	const { uploads } = chat;
	const files = useFollowed(uploads.items);
	const fileTrouble = useFollowed(uploads.trouble);
	const brings = files.length > 0 && !chat.editing.value;
	const canSend = (length > 0 || brings) && over <= 0 && !(brings && uploads.failed);
	const add = (files: readonly File[]) => uploads.add(files);
	const site = summary?.site;
	useEffect(() => {
		if (site !== undefined) void chat.askLimits();
	}, [chat, site]);
	const away = desk.away.value;
	const forTeam = editing ? editing.kind === "note" : noting;
	const naming = useNaming({ desk, chat, field, on: noting && !editing });
	const blanks = useBlanks({ desk, chat, field });
	const canned = useCanned({ desk, chat, field, blanks, on: !editing });
	const listed = naming.suggestions.open ? naming.suggestions : canned.suggestions;

	useGrowing(field, draft);
	// What is to be changed is gone on with at its end.
	useEffect(() => {
		if (editing) field.current?.setSelectionRange(editing.body.length, editing.body.length);
	}, [editing]);

	const send = () => {
		if (canSend && !blanks.stops()) chat.send();
		field.current?.focus();
	};

	const onKeyDown = (event: KeyboardEvent) => {
		// An input method's Enter chooses a word: it does not send.
		if (event.isComposing) return;
		if (naming.suggestions.onKeyDown(event) || canned.onKeyDown(event) || blanks.onKeyDown(event)) return;
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

	const look = () => {
		naming.look();
		canned.look();
	};

	const words = editing ? "Change what was said" : noting ? "Write a note" : "Write a reply";
	return (
		<div class="composer-pane">
			<Above chat={chat} blanks={blanks} />
			<form
				class={forTeam ? "composer for-team" : "composer"}
				onSubmit={(event) => {
					event.preventDefault();
					send();
				}}
			>
				<NameList naming={naming} />
				<CannedList desk={desk} canned={canned} />
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
					{...listed.attributes}
					onInput={(event) => {
						chat.write(event.currentTarget.value);
						look();
					}}
					onSelect={look}
					onPaste={(event) => pasted(event, add)}
					onBlur={() => {
						naming.close();
						canned.leave();
					}}
					onKeyDown={onKeyDown}
				/>
				{!editing && <Tray uploads={uploads} items={files} trouble={fileTrouble} words={trayWords} />}
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
					{!editing && (
						<button
							type="button"
							class="icon-button"
							aria-label="Canned answers"
							title="Canned answers: type / in the field"
							// The focus stays in the field.
							onPointerDown={(event) => event.preventDefault()}
							onClick={canned.begin}
						>
							<BoltIcon />
						</button>
					)}
					{!editing && <AttachButton words={fileWords} endings={[]} class="icon-button" add={add} />}
					<p class="composer-hint" id="composer-hint">
						{chat.waiting.value && "Sends as soon as the files are there. "}
						<Hint
							over={over}
							length={length}
							blanks={blanks}
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
	readonly blanks: ReturnType<typeof useBlanks>;
	readonly away: boolean;
	readonly forTeam: boolean;
	readonly name: string | null;
}

function Hint({ over, length, blanks, away, forTeam, name }: HintProps) {
	if (over > 0) return <strong class="too-long">{over} characters too many</strong>;
	if (length >= TELL_FROM) return <>{-over} characters left</>;
	if (blanks.left > 0) {
		return (
			<button
				type="button"
				class="link"
				title="Tab, in the field"
				// The selection stays in the field.
				onPointerDown={(event) => event.preventDefault()}
				onClick={blanks.next}
			>
				{blanksWords(blanks.left)} to fill
			</button>
		);
	}
	if (away) return <>Sent as soon as you are back online</>;
	if (forTeam) return <>Team only</>;
	return name ? (
		<>
			to <bdi>{name}</bdi>
		</>
	) : null;
}

/** One line: trouble first, then what happened meanwhile, then who writes. */
function Above({ chat, blanks }: { chat: OpenChat; blanks: ReturnType<typeof useBlanks> }) {
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
	if (blanks.asks !== null) {
		return (
			<p class="above">
				<AlertIcon size={16} />
				<span dir="auto">
					<strong>[{blanks.asks}] is not filled in.</strong> Send again to leave it so.
				</span>
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

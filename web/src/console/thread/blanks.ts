import type { RefObject } from "preact";
import { useState } from "preact/hooks";
import type { Desk } from "../desk/desk.js";
import type { OpenChat } from "./open-chat.js";
import { blankName, blanksIn, blanksWords } from "./slash.js";

/** The blanks of canned answers in the field: Tab goes from one to the next, and sending with one asks once. */
export function useBlanks({
	desk,
	chat,
	field,
}: {
	desk: Desk;
	chat: OpenChat;
	field: RefObject<HTMLTextAreaElement | null>;
}) {
	const [known, setKnown] = useState<readonly string[]>([]);
	const [asked, setAsked] = useState(false);
	const draft = chat.draft.value;
	const left = blanksIn(draft, known);
	const first = left[0];
	const name = first ? blankName(draft.slice(first.start, first.end)) : null;

	const select = (blank: { readonly start: number; readonly end: number }) => {
		field.current?.focus();
		field.current?.setSelectionRange(blank.start, blank.end);
	};

	return {
		left: left.length,
		/** Whose filling in was asked for, since one tried to send. */
		asks: asked && name !== null ? name : null,
		/** Those of an answer that was put in at this place; the first is chosen. */
		add(blanks: readonly string[], from: number) {
			const now = field.current?.value ?? "";
			const all = [...new Set([...known.filter((one) => now.includes(one)), ...blanks])];
			setKnown(all);
			setAsked(false);
			const next = blanksIn(now, all).find(({ start }) => start >= from);
			if (blanks.length === 0 || !next) return false;
			select(next);
			const words = blanksWords(new Set(blanks).size);
			desk.announcer.say(
				`${words} to fill in. Write ${blankName(now.slice(next.start, next.end))}; Tab goes on.`,
			);
			return true;
		},
		/** Goes to the next one, from the last one to the first. */
		next() {
			const caret = field.current?.selectionEnd ?? 0;
			const next = left.find(({ start }) => start >= caret) ?? first;
			if (next) select(next);
		},
		/** Whether it must be asked before this is sent. */
		stops(): boolean {
			if (!first || asked) {
				setKnown([]);
				setAsked(false);
				return false;
			}
			setAsked(true);
			select(first);
			desk.announcer.say(`${name} is not filled in. Fill it in, or send once more.`);
			return true;
		},
		/** Whether the key was theirs. From the last one, Tab goes where it always goes. */
		onKeyDown(event: KeyboardEvent): boolean {
			const area = field.current;
			if (event.key !== "Tab" || event.altKey || event.ctrlKey || event.metaKey || !area) return false;
			const next = event.shiftKey
				? left.findLast(({ end }) => end <= area.selectionStart)
				: left.find(
						({ start, end }) =>
							start >= area.selectionEnd || (start >= area.selectionStart && end > area.selectionEnd),
					);
			if (!next) return false;
			select(next);
			event.preventDefault();
			event.stopPropagation();
			return true;
		},
	};
}

import type { RefObject } from "preact";
import { useRef, useState } from "preact/hooks";
import type { Desk } from "../desk/desk.js";
import type { OpenChat } from "./open-chat.js";
import { type Blank, blankName, blanksIn, blanksWords, type ChosenBlank, spread } from "./slash.js";

/**
 * The blanks of canned answers in the field: Tab goes from one to the next, and sending with one asks once. One that
 * stands there several times is filled in once.
 */
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
	const chosen = useRef<ChosenBlank | null>(null);
	const draft = chat.draft.value;
	const left = blanksIn(draft, known);
	const nameIn = (text: string, { start, end }: Blank) => blankName(text.slice(start, end));
	const name = left[0] ? nameIn(draft, left[0]) : null;

	const select = (blank: Blank) => {
		const area = field.current;
		if (!area) return;
		area.focus();
		area.setSelectionRange(blank.start, blank.end);
		const { value } = area;
		chosen.current = {
			blank: value.slice(blank.start, blank.end),
			before: value.slice(0, blank.start),
			after: value.slice(blank.end),
		};
	};
	/** What was written for the chosen one stands in its other places now; the blanks that are left. */
	const settle = (): readonly Blank[] => {
		const area = field.current;
		const done = area && chosen.current && spread(area.value, chosen.current);
		if (done) {
			chosen.current = null;
			chat.write(done.text);
			area.value = done.text;
			area.setSelectionRange(done.caret, done.caret);
		}
		return blanksIn(area?.value ?? draft, known);
	};

	return {
		left: new Set(left.map((blank) => nameIn(draft, blank))).size,
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
			const left = settle();
			const caret = field.current?.selectionEnd ?? 0;
			const next = left.find(({ start }) => start >= caret) ?? left[0];
			if (next) select(next);
		},
		/** Whether it must be asked before this is sent. */
		stops(): boolean {
			const first = settle()[0];
			if (!first || asked) {
				setKnown([]);
				setAsked(false);
				return false;
			}
			setAsked(true);
			select(first);
			const missing = nameIn(field.current?.value ?? draft, first);
			desk.announcer.say(`${missing} is not filled in. Fill it in, or send once more.`);
			return true;
		},
		/** Whether the key was theirs. From the last one, Tab goes where it always goes. */
		onKeyDown(event: KeyboardEvent): boolean {
			const area = field.current;
			if (event.key !== "Tab" || event.altKey || event.ctrlKey || event.metaKey || !area) return false;
			const left = settle();
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

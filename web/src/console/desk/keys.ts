/** The keyboard of the console. Letters work outside fields only, and never with a modifier. */

import { cyclePanes, focusPane, focusSearch, moveInList } from "../panes.js";
import type { DialogName } from "../ticket/dialogs.js";
import type { Desk } from "./desk.js";

/** What keys do, for the list of keys. */
export const KEYS: readonly (readonly [keys: readonly string[], what: string])[] = [
	[["J", "K"], "Next and previous chat in the list"],
	[["X"], "Choose the chat of the row, with Shift all in between"],
	[["/"], "Search all chats"],
	[["V"], "The saved views: Tab goes on, Enter opens one"],
	[["Enter"], "Open the chat and write; in the field: send"],
	[["Shift + Enter"], "New line"],
	[["/"], "In the field: canned answers; Tab goes from blank to blank"],
	[["R"], "Write a reply"],
	[["T"], "Take this chat, or the next in line"],
	[["E"], "Resolve"],
	[["L"], "Tags, subject, category and priority"],
	[["S"], "Put this chat aside"],
	[["A"], "Hand this chat over"],
	[["P"], "Run a macro: several things in one"],
	[["M"], "More actions: take over, put back in line"],
	[["Y", "N"], "Accept or decline the chat that you are asked to take"],
	[["I"], "About this chat"],
	[["Esc"], "Back to the list"],
	[["F6"], "Next pane (with Shift: previous)"],
	[["Alt + T"], "The message at the bottom"],
	[["?"], "This list"],
];

/** What the keys need of the page. */
export interface KeyTargets {
	readonly desk: Desk;
	readonly sideOpen: () => boolean;
	readonly toggleSide: () => void;
	readonly showKeys: () => void;
	readonly openDialog: (name: DialogName) => void;
}

const inField = (target: EventTarget | null): boolean =>
	target instanceof HTMLElement &&
	(target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName));

/** Listens on the page until the returned end. */
export function listenForKeys({ desk, sideOpen, toggleSide, showKeys, openDialog }: KeyTargets): () => void {
	const letters: Readonly<Record<string, () => void>> = {
		j: () => moveInList(1),
		k: () => moveInList(-1),
		r: () => focusPane("composer"),
		t: () => void desk.take(),
		e: () => void desk.resolve(),
		l: () => openDialog("tags"),
		s: () => openDialog("aside"),
		a: () => openDialog("hand-over"),
		p: () => openDialog("macro"),
		m: () => document.querySelector<HTMLElement>("[data-chat-menu]")?.click(),
		i: () => toggleSide(),
		v: () => document.querySelector<HTMLElement>("[data-views] a")?.focus(),
		"/": () => focusSearch(),
		"?": () => showKeys(),
	};
	/** Work everywhere, while we are asked. */
	const answers: Readonly<Record<string, () => void>> = {
		y: () => void desk.offers.accept(),
		n: () => void desk.offers.decline(),
	};

	const goBack = () => {
		if (sideOpen()) toggleSide();
		else if (document.activeElement?.closest(".thread, .side")) backToList(desk);
		else return false;
		return true;
	};

	const onKeyDown = (event: KeyboardEvent) => {
		if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
		if (event.key === "F6") cyclePanes(event.shiftKey ? -1 : 1);
		else if (event.altKey && event.code === "KeyT") {
			const act = document.querySelector<HTMLElement>("[data-toast-act]");
			if (!act) return;
			act.focus();
		} else if (event.key === "Escape") {
			if (!goBack()) return;
		} else {
			if (inField(event.target) || event.altKey || event.ctrlKey || event.metaKey) return;
			const answer = answers[event.key.toLowerCase()];
			if (answer && desk.offers.asked.peek().length > 0) {
				answer();
				event.preventDefault();
				return;
			}
			const run = letters[event.key.toLowerCase()];
			// In the settings there is no chat to do something with.
			const inSettings = desk.router.place.peek().settings !== null;
			if (!run || (inSettings && event.key !== "?")) return;
			if (event.key === "/") showList(desk);
			run();
		}
		event.preventDefault();
	};
	document.addEventListener("keydown", onKeyDown);
	return () => document.removeEventListener("keydown", onKeyDown);
}

/** To the chat's row. */
function backToList(desk: Desk): void {
	showList(desk);
	focusPane("list");
}

/** Where there is no room for list and chat, the list comes back. */
function showList(desk: Desk): void {
	const list = document.querySelector(".list");
	if (list && list.getClientRects().length === 0) desk.router.go({ session: null });
}

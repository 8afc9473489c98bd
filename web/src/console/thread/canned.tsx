import "../styles/canned.css";

import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { HttpError } from "../../client/index.js";
import type { CannedAnswer, CannedId, Page, RenderCanned, RenderedCanned } from "../../protocol/types.js";
import type { Desk } from "../desk/desk.js";
import { SettingsLink } from "../settings/page.js";
import type { useBlanks } from "./blanks.js";
import type { OpenChat } from "./open-chat.js";
import { blankPieces, blanksWords, type Slash, slashAt, stillFit, withAnswer, withSlash } from "./slash.js";
import { Suggestions, useSuggestions } from "./suggestions.js";

const SHOWN = 20;
/** Whoever runs through the list asks for no preview. */
const REST_MS = 120;

interface CannedOptions {
	readonly desk: Desk;
	readonly chat: OpenChat;
	readonly field: RefObject<HTMLTextAreaElement | null>;
	readonly blanks: ReturnType<typeof useBlanks>;
	readonly on: boolean;
}

/** Canned answers by `/` at the start of a word, or by the button. */
export function useCanned({ desk, chat, field, blanks, on }: CannedOptions) {
	const { http } = desk.client;
	const [slash, setSlash] = useState<Slash | null>(null);
	const [found, setFound] = useState<{
		readonly typed: string;
		readonly all: readonly CannedAnswer[];
	} | null>(null);
	const [byButton, setByButton] = useState(false);
	const [rendered, setRendered] = useState<ReadonlyMap<CannedId, RenderedCanned>>(new Map());
	/** The newest question; answers to older ones are late. */
	const question = useRef(0);
	/** Enter was pressed before there was something to choose. */
	const wanted = useRef(false);
	/** Where the list was closed by hand. */
	const closedAt = useRef<number | null>(null);

	const empty = chat.draft.value === "";
	useEffect(() => {
		if (empty) closedAt.current = null;
	}, [empty]);

	const asking = slash !== null && found?.typed !== slash.typed;
	const options = slash && found ? (asking ? stillFit(found.all, slash.typed) : found.all) : [];

	const reset = () => {
		question.current += 1;
		wanted.current = false;
		setSlash(null);
		setFound(null);
		setByButton(false);
		setRendered(new Map());
	};

	const write = (text: string, start: number, end = start) => {
		const area = field.current;
		chat.write(text);
		if (!area) return;
		area.value = text;
		area.focus();
		area.setSelectionRange(start, end);
	};

	const render = async (id: CannedId): Promise<RenderedCanned> =>
		rendered.get(id) ??
		(await http.post<RenderedCanned>(`/canned/${id}/render`, { session_id: chat.id } satisfies RenderCanned));

	const insert = async (slash: Slash, { id }: CannedAnswer) => {
		reset();
		closedAt.current = slash.at;
		try {
			const answer = await render(id);
			const area = field.current;
			if (!area) return;
			const next = withAnswer(area.value, slash, area.selectionStart, answer.body);
			write(next.text, next.end);
			closedAt.current = null;
			const missing = blankPieces(answer).filter(({ blank }) => blank);
			const some = blanks.add(
				missing.map(({ text }) => text),
				next.start,
			);
			if (!some) desk.announcer.say("Canned answer inserted");
			const { length } = answer.attachments;
			if (length > 0) await chat.attachCanned(id, length);
			await http.post(`/canned/${id}/used`);
		} catch (error) {
			if (!(error instanceof HttpError)) throw error;
			desk.tell(error.message);
		}
	};

	const close = () => {
		const area = field.current;
		closedAt.current = slash?.at ?? null;
		// What the button wrote is of no use any more.
		if (area && slash && byButton && slash.typed === "") {
			write(area.value.slice(0, slash.at) + area.value.slice(slash.at + 1), slash.at);
			closedAt.current = null;
		}
		reset();
	};

	const suggestions = useSuggestions<CannedAnswer>({
		list: "canned-list",
		options,
		on,
		choose: (one) => slash && void insert(slash, one),
		close,
	});

	const ask = async (next: Slash) => {
		question.current += 1;
		const mine = question.current;
		try {
			const path = `/canned?usable=true&sort=match&limit=${SHOWN}&q=${encodeURIComponent(next.typed)}`;
			const { items } = await http.get<Page<CannedAnswer>>(path);
			if (mine !== question.current) return;
			if (found === null && items.length > 0)
				desk.announcer.say("Choose a canned answer with the arrow keys");
			setFound({ typed: next.typed, all: items });
			const first = items[0];
			if (wanted.current && first) await insert(next, first);
			wanted.current = false;
		} catch (error) {
			if (!(error instanceof HttpError)) throw error;
			if (mine === question.current) setFound({ typed: next.typed, all: [] });
		}
	};

	const look = () => {
		const area = field.current;
		const caret = area && area.selectionStart === area.selectionEnd ? area.selectionStart : null;
		const next = on && area && caret !== null ? slashAt(area.value, caret) : null;
		if (!next || next.at !== closedAt.current) closedAt.current = null;
		if (!next || next.at === closedAt.current) {
			if (slash) reset();
			return;
		}
		if (next.at === slash?.at && next.typed === slash.typed) return;
		suggestions.restart();
		wanted.current = false;
		setSlash(next);
		void ask(next);
	};

	const chosen = suggestions.open ? options[suggestions.at]?.id : undefined;
	useEffect(() => {
		if (!chosen || rendered.has(chosen)) return;
		const timer = setTimeout(() => {
			render(chosen).then(
				(answer) => setRendered((before) => new Map(before).set(chosen, answer)),
				(error) => {
					// Choosing it says why.
					if (!(error instanceof HttpError)) throw error;
				},
			);
		}, REST_MS);
		return () => clearTimeout(timer);
	}, [chosen]);

	return {
		suggestions,
		rendered,
		none: byButton && !asking && slash !== null && options.length === 0,
		look,
		/** The field was left. */
		leave: () => slash && reset(),
		/** From the button: as if `/` were typed. */
		begin() {
			const area = field.current;
			if (!area) return;
			if (slash) {
				close();
				return;
			}
			const next = withSlash(area.value, area.selectionStart);
			write(next.text, next.caret);
			setByButton(true);
			look();
		},
		onKeyDown(event: KeyboardEvent): boolean {
			if (suggestions.onKeyDown(event)) return true;
			if (!slash) return false;
			if (event.key === "Escape" && byButton) close();
			else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey && asking)
				wanted.current = true;
			else return false;
			event.preventDefault();
			event.stopPropagation();
			return true;
		},
	};
}

/** Whose it is, in a word. */
export const whose = ({ scope, team }: CannedAnswer): string =>
	scope === "personal" ? "Your own" : scope === "team" ? (team?.name ?? "A team’s") : "For everybody";

/** What there is, and beside it how the chosen one will read. */
export function CannedList({ desk, canned }: { desk: Desk; canned: ReturnType<typeof useCanned> }) {
	const { suggestions, rendered, none } = canned;
	const chosen = suggestions.open ? suggestions.options[suggestions.at] : undefined;
	if (none) {
		return (
			<p
				class="canned-list canned-none"
				role="status"
				// It must not go before it is clicked.
				onPointerDown={(event) => event.preventDefault()}
			>
				No canned answer fits.{" "}
				<SettingsLink router={desk.router} to="canned">
					Go to your canned answers
				</SettingsLink>
			</p>
		);
	}
	if (!chosen) return null;
	const shown = rendered.get(chosen.id);
	return (
		<div class="canned-list">
			<div class="canned-halves">
				<Suggestions
					of={suggestions}
					label="Canned answers"
					class="canned-options"
					optionClass="canned-option"
					keyOf={({ id }) => id}
				>
					{(one) => (
						<>
							<strong class="canned-name">{one.title || one.shortcut}</strong>
							<span class="canned-facts">
								{[`/${one.shortcut}`, one.category || whose(one), one.uses > 0 ? `${one.uses}×` : ""]
									.filter((word) => word !== "")
									.join(" · ")}
							</span>
						</>
					)}
				</Suggestions>
				<div class="canned-preview" dir="auto">
					<p>{shown ? <Filled answer={shown} /> : chosen.body}</p>
					{chosen.attachments.length > 0 && (
						<p class="canned-facts">With {chosen.attachments.map(({ name }) => name).join(", ")}</p>
					)}
					{shown && shown.missing.length > 0 && (
						<p class="canned-facts">
							{blanksWords(new Set(shown.missing.map(({ name }) => name)).size)} to fill. Tab jumps to it.
						</p>
					)}
				</div>
			</div>
			<p class="canned-keys" aria-hidden="true">
				<span>
					<kbd>↑</kbd> <kbd>↓</kbd> choose
				</span>
				<span>
					<kbd>Enter</kbd> insert
				</span>
				<span>
					<kbd>Esc</kbd> keep typing
				</span>
			</p>
		</div>
	);
}

/** An answer that was filled in, with its blanks marked. */
export function Filled({ answer }: { answer: RenderedCanned }) {
	return (
		<>
			{blankPieces(answer).map(({ text, blank }, at) =>
				blank ? (
					<mark class="blank" key={at}>
						{text.slice(1, -1)}
					</mark>
				) : (
					text
				),
			)}
		</>
	);
}

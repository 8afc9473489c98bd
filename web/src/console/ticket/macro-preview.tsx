import { useEffect, useState } from "preact/hooks";
import { HttpError } from "../../client/index.js";
import type { Macro, MacroPreview, PreviewMacro } from "../../protocol/types.js";
import { AlertIcon, CheckIcon, CloseIcon } from "../../ui/icons.js";
import { actionWords, capital, type Names } from "../automation/action-words.js";
import type { Desk } from "../desk/desk.js";
import { TextField } from "../settings/fields.js";
import type { OpenChat } from "../thread/open-chat.js";
import { blanksIn } from "../thread/slash.js";

/** Whoever runs through the list asks for no preview, nor does each stroke. */
const REST_MS = 150;

/** What was filled in, by the blank's name; of blanks that other macros have, too. */
type Written = Readonly<Record<string, string>>;

const given = (blanks: readonly string[], written: Written): Record<string, string> =>
	Object.fromEntries(blanks.map((name) => [name, written[name]?.trim() ?? ""]).filter(([, text]) => text));

/** What the chosen macro would do in this chat, and its blanks, each of which is asked for once. */
export function useMacroPreview(desk: Desk, chat: OpenChat, macro: Macro | undefined) {
	const [seen, setSeen] = useState<{ readonly key: string; readonly it: MacroPreview } | null>(null);
	const [written, setWritten] = useState<Written>({});
	/** One tried to run it with a blank that is empty. */
	const [asked, setAsked] = useState(false);

	const there = macro && seen?.key.startsWith(macro.id) ? seen.it : null;
	const filled = given(there?.blanks ?? [], written);
	const key = macro ? macro.id + JSON.stringify(filled) : "";

	const ask = async (one: Macro, blanks: Record<string, string>): Promise<MacroPreview> => {
		const path = `/sessions/${encodeURIComponent(chat.id)}/macros/${encodeURIComponent(one.id)}/preview`;
		return await desk.client.http.post<MacroPreview>(path, { blanks } satisfies PreviewMacro);
	};
	useEffect(() => {
		if (!macro || seen?.key === key) return;
		let late = false;
		const timer = setTimeout(() => {
			ask(macro, filled).then(
				(it) => {
					if (!late) setSeen({ key, it });
				},
				(error) => {
					// Running it says why.
					if (!(error instanceof HttpError)) throw error;
				},
			);
		}, REST_MS);
		return () => {
			late = true;
			clearTimeout(timer);
		};
	}, [key, seen?.key]);
	useEffect(() => setAsked(false), [macro?.id]);

	return {
		now: there,
		written,
		asked,
		write: (name: string, text: string) => setWritten((before) => ({ ...before, [name]: text })),
		/** What its blanks are filled in with; null where one is empty, which is asked for then. Rejects with an `HttpError`. */
		async blanks(one: Macro): Promise<Record<string, string> | null> {
			const it = there ?? (await ask(one, {}));
			const filled = given(it.blanks, written);
			if (it.blanks.every((name) => name in filled)) return filled;
			if (!there) setSeen({ key: `${one.id}{}`, it });
			setAsked(true);
			return null;
		},
	};
}

interface MacroPreviewProps {
	readonly macro: Macro;
	readonly names: Names;
	readonly preview: ReturnType<typeof useMacroPreview>;
	readonly onEnter: () => void;
}

/** The blanks, and what each action would do and say. */
export function MacroPreviewPart({ macro, names, preview, onEnter }: MacroPreviewProps) {
	const { now, written, asked, write } = preview;
	const firstEmpty = now?.blanks.findIndex((name) => !written[name]?.trim()) ?? -1;
	useEffect(() => {
		if (asked && firstEmpty >= 0) document.getElementById(`blank-${firstEmpty}`)?.focus();
	}, [asked]);
	if (!now) return null;
	const refused = now.actions.some((action) => action.refused);
	return (
		<>
			{now.blanks.length > 0 && (
				// biome-ignore lint/a11y/noStaticElementInteractions: Enter in any of its fields
				<div
					class="macro-blanks"
					onKeyDown={(event) => {
						if (event.key !== "Enter" || event.isComposing) return;
						event.preventDefault();
						onEnter();
					}}
				>
					{now.blanks.map((name, at) => (
						<TextField
							key={name}
							id={`blank-${at}`}
							label={capital(name)}
							value={written[name] ?? ""}
							error={asked && !written[name]?.trim() ? "Fill this in first." : null}
							onValue={(text) => write(name, text)}
						/>
					))}
				</div>
			)}
			<section class="macro-preview" aria-label={`What ${macro.name} would do here`}>
				<h3>{refused ? "It cannot run here" : "What it does here"}</h3>
				<ol>
					{macro.actions.map((action, at) => (
						<Step key={at} words={stepWords(action, names)} outcome={now.actions[at]} blanks={now.blanks} />
					))}
				</ol>
			</section>
		</>
	);
}

/** Of a text, only what becomes of it: the text itself stands below. */
function stepWords(action: Macro["actions"][number], names: Names): string {
	if (action.type === "message") return "Write to the customer";
	return action.type === "note" ? "Note for the team" : capital(actionWords(action, names));
}

function Step({
	words,
	outcome,
	blanks,
}: {
	words: string;
	outcome: MacroPreview["actions"][number] | undefined;
	blanks: readonly string[];
}) {
	const { changes = false, refused, says } = outcome ?? {};
	return (
		<li class={changes ? "good" : ""}>
			{refused ? <AlertIcon size={16} /> : changes ? <CheckIcon size={16} /> : <CloseIcon size={16} />}
			<span>
				<bdi>{words}</bdi>
				{refused && <span class="outcome">: {refused}</span>}
				{!refused && !changes && <span class="outcome">: is so already</span>}
				{says && (
					<span class="macro-says" dir="auto">
						<Marked text={says} blanks={blanks} />
					</span>
				)}
			</span>
		</li>
	);
}

/** With the blanks that are still empty marked. */
function Marked({ text, blanks }: { text: string; blanks: readonly string[] }) {
	const marks = blanksIn(
		text,
		blanks.map((name) => `[${name}]`),
	);
	return (
		<>
			{marks.map(({ start, end }, at) => (
				<>
					{text.slice(marks[at - 1]?.end ?? 0, start)}
					<mark class="blank">{text.slice(start + 1, end - 1)}</mark>
				</>
			))}
			{text.slice(marks.at(-1)?.end ?? 0)}
		</>
	);
}

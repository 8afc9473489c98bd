import type { RefObject } from "preact";
import type { TemplateVariable } from "../../../protocol/types.js";

/** What people call the variables; those of the agent are of whoever sends the text. */
const VARIABLES: Readonly<Record<TemplateVariable, string>> = {
	"contact.name": "Customer’s name",
	"contact.first_name": "First name",
	"contact.email": "E-mail",
	"contact.phone": "Phone",
	"agent.name": "Your name",
	"agent.first_name": "Your first name",
	"agent.signature": "Your signature",
	"session.number": "Chat’s number",
	"session.subject": "Subject",
	"site.name": "Shop’s name",
};

/** Where nobody sends the text: of whoever has the chat. */
const HOLDERS: Readonly<Partial<Record<TemplateVariable, string>>> = {
	"agent.name": "Agent’s name",
	"agent.first_name": "Agent’s first name",
	"agent.signature": "Agent’s signature",
};

type Insert = readonly [words: string, text: string, select?: string];

/** What each button puts in; of the last two, `select` is what is to be written over. */
const insertsOf = (blanks: boolean, sent: boolean): readonly Insert[] => [
	...Object.entries({ ...VARIABLES, ...(sent ? {} : HOLDERS) }).map(
		([name, words]) => [words, `{{${name}}}`] as const,
	),
	["Detail of the chat", "{{attributes.name}}", "name"],
	...(blanks ? [["Blank to fill in", "{{? what}}", "what"] as const] : []),
];

/** Buttons that put variables into a text, where its caret is. */
export function VariablePicker({
	area,
	value,
	blanks = false,
	sent = true,
	onValue,
}: {
	area: RefObject<HTMLTextAreaElement | null>;
	value: string;
	/** Whoever sends it can fill in blanks. */
	blanks?: boolean;
	/** Somebody sends it. */
	sent?: boolean;
	onValue: (value: string) => void;
}) {
	const insert = (text: string, select?: string) => {
		const control = area.current;
		if (!control) return;
		const { selectionStart: start, selectionEnd: end } = control;
		const next = value.slice(0, start) + text + value.slice(end);
		onValue(next);
		control.value = next;
		control.focus();
		const from = select === undefined ? start + text.length : start + text.indexOf(select);
		control.setSelectionRange(from, from + (select?.length ?? 0));
	};
	return (
		<fieldset class="canned-insert" aria-label="Put into the text">
			{insertsOf(blanks, sent).map(([words, text, select]) => (
				<button
					key={words}
					type="button"
					class="button outline small"
					title={text}
					onClick={() => insert(text, select)}
				>
					{words}
				</button>
			))}
		</fieldset>
	);
}

import { useEffect, useRef, useState } from "preact/hooks";
import { type Http, HttpError } from "../../../client/index.js";
import type { PreviewCanned, RenderedCanned, TemplateVariable } from "../../../protocol/types.js";
import { Filled } from "../../thread/canned.js";
import { controlProps, Field } from "../fields.js";

const PREVIEW_MS = 300;

/** What people call the variables. */
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

/** What each button puts in; of the last two, `select` is what is to be written over. */
const INSERTS: readonly (readonly [words: string, text: string, select?: string])[] = [
	...Object.entries(VARIABLES).map(([name, words]) => [words, `{{${name}}}`] as const),
	["Detail of the chat", "{{attributes.name}}", "name"],
	["Blank to fill in", "{{? what}}", "what"],
];

/** The text of an answer, with what can be put into it, and how it will read. */
export function BodyField({
	http,
	value,
	error,
	onValue,
}: {
	http: Http;
	value: string;
	error: string | null;
	onValue: (value: string) => void;
}) {
	const area = useRef<HTMLTextAreaElement>(null);
	const field = {
		id: "canned-body",
		label: "Text",
		error,
		help: (
			<>
				<code>{"{{contact.name | there}}"}</code> says “there” where no name is known. A blank is filled in by
				whoever sends it. <code>{"\\{{"}</code> stands for the braces themselves.
			</>
		),
	};
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
		<>
			<Field {...field}>
				<textarea
					{...controlProps(field)}
					ref={area}
					class={error ? "text-field wrong lines canned-body" : "text-field lines canned-body"}
					dir="auto"
					rows={6}
					value={value}
					onInput={(event) => onValue(event.currentTarget.value)}
				/>
				<fieldset class="canned-insert" aria-label="Put into the text">
					{INSERTS.map(([words, text, select]) => (
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
			</Field>
			<Preview http={http} body={value} />
		</>
	);
}

/** How it will read, for a customer who is an example. */
function Preview({ http, body }: { http: Http; body: string }) {
	const [shown, setShown] = useState<RenderedCanned | string | null>(null);
	useEffect(() => {
		if (body.trim() === "") {
			setShown(null);
			return;
		}
		let late = false;
		const timer = setTimeout(() => {
			http.post<RenderedCanned>("/canned/preview", { body } satisfies PreviewCanned).then(
				(answer) => {
					if (!late) setShown(answer);
				},
				(error) => {
					if (!(error instanceof HttpError)) throw error;
					if (!late) setShown(`The text ${error.errors[0]?.message ?? "cannot be filled in"}.`);
				},
			);
		}, PREVIEW_MS);
		return () => {
			late = true;
			clearTimeout(timer);
		};
	}, [http, body]);
	return (
		<div class="form-field">
			<span class="form-label">Preview</span>
			<div class="form-control">
				{typeof shown === "string" ? (
					<p class="form-error">
						<span dir="auto">{shown}</span>
					</p>
				) : (
					<p class="canned-shown" dir="auto">
						{shown && <Filled answer={shown} />}
					</p>
				)}
				<p class="form-help">
					<span>For Ana Lopez, who is an example.</span>
				</p>
			</div>
		</div>
	);
}

import { useEffect, useRef, useState } from "preact/hooks";
import { type Http, HttpError } from "../../../client/index.js";
import type { PreviewCanned, RenderedCanned } from "../../../protocol/types.js";
import { Filled } from "../../thread/canned.js";
import { controlProps, Field } from "../fields.js";
import { VariablePicker } from "./variable-picker.js";

const PREVIEW_MS = 300;

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
				<VariablePicker area={area} value={value} blanks onValue={onValue} />
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

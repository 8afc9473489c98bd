import { useEffect, useRef, useState } from "preact/hooks";
import { type Answer, type ApiDocument, answerOf, type Route } from "./document.js";
import { curlOf, exampleOf } from "./example.js";
import { inline, Prose } from "./prose.js";
import { Field, kindOf, Shape } from "./shape.js";
import { Unfolded } from "./unfolded.js";

interface Props {
	readonly document: ApiDocument;
	readonly route: Route;
	/** The address asks for this one. */
	readonly wanted: boolean;
}

/** One route, closed until somebody wants to know more. */
export function OperationView({ document, route, wanted }: Props) {
	const { method, path, operation } = route;
	const place = useRef<HTMLDetailsElement>(null);
	const [open, setOpen] = useState(wanted);
	useEffect(() => {
		if (!wanted || !place.current) return;
		place.current.open = true;
		place.current.scrollIntoView();
	}, [wanted]);
	return (
		<details
			class="operation"
			id={operation.operationId}
			ref={place}
			onToggle={({ currentTarget }) => setOpen(currentTarget.open)}
		>
			<summary>
				<span class={`method ${method}`}>{method.toUpperCase()}</span>
				<code class="path">{broken(path)}</code>
				<h3>{operation.summary}</h3>
			</summary>
			{open && <Inside document={document} route={route} />}
		</details>
	);
}

/** A path that may be broken behind its slashes. */
function broken(path: string) {
	return path.split(/(?=\/)/).flatMap((part) => [<wbr key={part} />, part]);
}

function Inside({ document, route }: Omit<Props, "wanted">) {
	const { operation } = route;
	const parameters = operation.parameters ?? [];
	const body = operation.requestBody?.content["application/json"];
	const curl = curlOf(document, route, location.origin);
	return (
		<div class="inside">
			<Prose text={operation.description} />
			{operation.security.length > 0 && <p class="security">{security(operation.security)}</p>}
			{(["path", "query"] as const).map((where) => {
				const there = parameters.filter((parameter) => parameter.in === where);
				if (there.length === 0) return null;
				return (
					<section key={where}>
						<h4>{where === "path" ? "In the path" : "In the query"}</h4>
						<dl class="fields">
							{there.map(({ name, required = false, schema, description }) => (
								<Field
									key={name}
									name={name}
									required={required}
									document={document}
									schema={schema}
									about={description}
								/>
							))}
						</dl>
					</section>
				);
			})}
			{body && (
				<section>
					<h4>
						Body <span class="kind">{kindOf(body.schema)}</span>
					</h4>
					<Shape document={document} schema={body.schema} />
				</section>
			)}
			<section>
				<h4>Answers</h4>
				<dl class="answers">
					{Object.entries(operation.responses).map(([status, answer]) => (
						<AnswerView
							key={status}
							document={document}
							status={status}
							answer={answerOf(document, answer)}
						/>
					))}
				</dl>
			</section>
			<section>
				<h4>
					In a shell <Copy text={curl} />
				</h4>
				<Code text={curl} label="The request as a line for the shell" />
			</section>
		</div>
	);
}

function security(schemes: Route["operation"]["security"]): string {
	const names = schemes.flatMap((scheme) => Object.keys(scheme));
	const words = names.map((name) => (name === "customer" ? "a customer's token" : "the cookie of a login"));
	return `Needs ${words.join(", or ")}.`;
}

interface AnswerProps {
	readonly document: ApiDocument;
	readonly status: string;
	readonly answer: Answer;
}

function AnswerView({ document, status, answer }: AnswerProps) {
	const contents = Object.entries(answer.content ?? {});
	return (
		<div>
			<dt>
				<span class={`status s${status[0]}`}>{status}</span>
			</dt>
			<dd>
				{inline(answer.description)}{" "}
				{answer["x-codes"] === undefined &&
					contents.map(([kind, { schema }]) =>
						kind === "application/json" ? (
							<Unfolded key={kind} label={kindOf(schema)}>
								{() => (
									<>
										<Shape document={document} schema={schema} />
										<Code
											text={JSON.stringify(exampleOf(document, schema), null, 2)}
											label="An example of the answer"
										/>
									</>
								)}
							</Unfolded>
						) : (
							<span class="limit" key={kind}>
								{kind}
							</span>
						),
					)}
				{answer.headers && Object.keys(answer.headers).length > 0 && (
					<span class="limit">with {Object.keys(answer.headers).join(", ")}</span>
				)}
			</dd>
		</div>
	);
}

function Code({ text, label }: { readonly text: string; readonly label: string }) {
	return (
		// biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so it is there for the keyboard
		<section class="code" tabIndex={0} aria-label={label}>
			<pre>
				<code>{text}</code>
			</pre>
		</section>
	);
}

function Copy({ text }: { readonly text: string }) {
	const [copied, setCopied] = useState(false);
	const copy = async (): Promise<void> => {
		await navigator.clipboard.writeText(text);
		setCopied(true);
	};
	// Only pages served securely may write there.
	if (!navigator.clipboard) return null;
	return (
		<button type="button" class="copy" onClick={() => void copy()}>
			{copied ? "Copied" : "Copy"}
		</button>
	);
}

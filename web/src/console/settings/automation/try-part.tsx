import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type Http, HttpError } from "../../../client/index.js";
import type { Page, RuleBody, RuleTrial, SessionSummary, TryRule } from "../../../protocol/types.js";
import { AlertIcon, CheckIcon, CloseIcon } from "../../../ui/icons.js";
import { actionWords, capital, type Names } from "../../automation/action-words.js";
import type { Desk } from "../../desk/desk.js";
import { contactName } from "../../names.js";
import { Part } from "../page.js";
import { bodyOf, type RuleValues, refusalSentence } from "./rule-form.js";
import { conditionWords } from "./rule-words.js";

interface Tried {
	readonly chat: SessionSummary;
	readonly body: RuleBody;
	readonly trial: RuleTrial;
}

/** What the rule, as it stands in the form, would do to a chat; nothing is done. */
export function TryPart({ desk, values, names }: { desk: Desk; values: RuleValues; names: Names }) {
	const [number, setNumber] = useState(() => String(nearest(desk)?.number ?? ""));
	const [tried, setTried] = useState<Tried | null>(null);
	const [trouble, setTrouble] = useState<string | null>(null);
	const [busy, setBusy] = useState(false);
	// What was found out holds for the rule as it was then.
	const asked = JSON.stringify([values, number]);
	useEffect(() => {
		setTried(null);
		setTrouble(null);
	}, [asked]);

	const submit = async () => {
		if (busy) return;
		setBusy(true);
		setTried(null);
		setTrouble(null);
		try {
			const body = bodyOf(values);
			const wanted = /^\s*#?(\d{1,12})\s*$/.exec(number)?.[1];
			const chat = wanted === undefined ? null : await chatOf(desk, Number(wanted));
			if (!chat) {
				setTrouble(
					wanted === undefined ? "Write the number of a chat." : `There is no chat #${wanted} for you.`,
				);
				return;
			}
			const trial = await desk.client.http.post<RuleTrial>("/rules/try", {
				session_id: chat.id,
				...body,
			} satisfies TryRule);
			setTried({ chat, body, trial });
		} catch (error) {
			if (!(error instanceof HttpError)) throw error;
			setTrouble(refusalSentence(error));
		} finally {
			setBusy(false);
		}
	};

	return (
		<Part
			id="rule-try"
			title="Try it on a chat"
			lead="Shows what this rule would do to a chat as it is now, and does nothing. The customer’s last message is taken for the one that sets it off."
		>
			<form
				class="try"
				noValidate
				onSubmit={(event) => {
					event.preventDefault();
					void submit();
				}}
			>
				<label for="try-number">Number of the chat</label>
				<input
					id="try-number"
					class={trouble ? "text-field wrong" : "text-field"}
					inputMode="numeric"
					autocomplete="off"
					value={number}
					aria-describedby={trouble ? "try-trouble" : undefined}
					onInput={(event) => setNumber(event.currentTarget.value)}
				/>
				<button type="submit" class="button outline" aria-disabled={busy}>
					{busy ? "Trying" : "Try it"}
				</button>
			</form>
			<div role="status">
				{trouble && (
					<p class="form-error" id="try-trouble">
						<AlertIcon size={16} />
						<span dir="auto">{trouble}</span>
					</p>
				)}
				{tried && <Trial {...tried} names={names} />}
			</div>
		</Part>
	);
}

/** The chat that was last open, else the one that changed last. */
const nearest = (desk: Desk): SessionSummary | undefined =>
	desk.lastChat.peek() ?? desk.lists.all.peek().sessions[0];

const PAGES = 10;

/** The chat of this number: of those at hand, else looked for; words in it may say the same number. */
async function chatOf(desk: Desk, number: number): Promise<SessionSummary | null> {
	const last = desk.lastChat.peek();
	const near = [
		...(last ? [last] : []),
		...Object.values(desk.lists).flatMap((list) => list.peek().sessions),
	];
	return near.find((chat) => chat.number === number) ?? (await lookedFor(desk.client.http, number));
}

async function lookedFor(http: Http, number: number): Promise<SessionSummary | null> {
	let cursor: string | null = null;
	for (let page = 0; page < PAGES; page += 1) {
		const after: string = cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`;
		const { items, next_cursor }: Page<SessionSummary> = await http.get(
			`/sessions?q=${number}&limit=100${after}`,
		);
		const found = items.find((chat) => chat.number === number);
		if (found) return found;
		cursor = next_cursor;
		if (cursor === null) break;
	}
	return null;
}

function Trial({ chat, body, trial, names }: Tried & { names: Names }) {
	const changes = trial.actions.some((action) => action.changes);
	const verdict = !trial.fits
		? "It would do nothing"
		: changes
			? "It would act"
			: "It fits, but there would be nothing to change";
	const { all = [], any = [] } = body;
	return (
		<div class={trial.fits && changes ? "trial fits" : "trial"}>
			<p>
				<strong>{verdict}</strong>
				<span dir="auto">
					{" "}
					on #{chat.number}, {contactName(chat.contact)}.
				</span>
			</p>
			<ul>
				{all.map((condition, at) => (
					<Line key={at} good={trial.all[at] ?? false} words={capital(conditionWords(condition, names))}>
						{trial.all[at] ? "is so" : "is not so"}
					</Line>
				))}
				{any.map((condition, at) => (
					<Line
						key={all.length + at}
						good={trial.any[at] ?? false}
						words={capital(conditionWords(condition, names))}
					>
						{trial.any[at] ? "is so" : "is not so"} (one is enough)
					</Line>
				))}
			</ul>
			{trial.fits && (
				<ol>
					{body.actions.map((action, at) => {
						const { changes: does = false, refused } = trial.actions[at] ?? {};
						const outcome = refused ? `cannot be done: ${refused}` : does ? "would be done" : "is so already";
						return (
							<Line key={at} good={!refused} muted={!does} words={capital(actionWords(action, names))}>
								{outcome}
							</Line>
						);
					})}
				</ol>
			)}
		</div>
	);
}

function Line({
	good,
	muted = false,
	words,
	children,
}: {
	good: boolean;
	/** It makes no difference. */
	muted?: boolean;
	words: string;
	children: ComponentChildren;
}) {
	return (
		<li class={good && !muted ? "good" : ""}>
			{good ? <CheckIcon size={16} /> : <CloseIcon size={16} />}
			<span>
				<span dir="auto">{words}</span>: <span class="outcome">{children}</span>
			</span>
		</li>
	);
}

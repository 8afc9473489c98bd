import { useEffect, useState } from "preact/hooks";
import { LIMITS, type Rating, type SessionSummary } from "../protocol/types.js";
import { StarIcon } from "../ui/icons.js";
import type { Model } from "./model.js";
import { useObservable } from "./observe.js";
import { words } from "./words.js";

const SCORES = [1, 2, 3, 4, 5] as const;

/** Once a chat is over: how it was, and thanks. What was said can be changed for a while. */
export function RatingLine({ model }: { model: Model }) {
	const chat = useObservable(model.chats).at(-1);
	const summary = chat?.summary ?? null;
	const answered = chat?.entries.some(({ kind, sender }) => kind === "message" && sender.kind === "agent");
	const over = summary?.status === "resolved" || summary?.status === "closed";
	if (!summary || !over || !answered || summary.next_session_id) return null;
	return <Asked key={summary.id} model={model} summary={summary} />;
}

function Asked({ model, summary }: { model: Model; summary: SessionSummary }) {
	const { rating } = summary;
	const [changing, setChanging] = useState(false);
	// Given here or in another window.
	useEffect(() => setChanging(false), [rating?.changed_at]);
	if (rating && !changing) {
		const changeable = model.platform.now() < Date.parse(rating.changeable_until);
		return (
			<div class="rating" role="status">
				<p>{words.thanks(rating.score)}</p>
				{changeable && (
					<button type="button" class="link-button" onClick={() => setChanging(true)}>
						{words.change}
					</button>
				)}
			</div>
		);
	}
	return (
		<RatingForm
			model={model}
			summary={summary}
			before={rating ?? null}
			{...(rating ? { onCancel: () => setChanging(false) } : {})}
		/>
	);
}

interface FormProps {
	readonly model: Model;
	readonly summary: SessionSummary;
	readonly before: Rating | null;
	onCancel?(): void;
}

function RatingForm({ model, summary, before, onCancel }: FormProps) {
	const [score, setScore] = useState(before?.score ?? 0);
	const [comment, setComment] = useState(before?.comment ?? "");
	const [state, setState] = useState<"asking" | "sending" | "failed">("asking");
	const send = async (): Promise<void> => {
		if (score === 0 || state === "sending") return;
		setState("sending");
		const done = await model.rate(summary.id, score, comment.trim());
		setState(done ? "asking" : "failed");
		if (done) onCancel?.();
	};
	return (
		<form
			class="rating rating-form"
			onSubmit={(event) => {
				event.preventDefault();
				void send();
			}}
		>
			<fieldset class="rating-scores">
				<legend>{words.howWasIt}</legend>
				{SCORES.map((one) => (
					<label key={one} class="rating-score">
						<input
							type="radio"
							name="hubbub-rating"
							value={one}
							checked={one === score}
							onChange={() => setScore(one)}
						/>
						<StarIcon filled={one <= score} />
						<span class="unseen">{words.stars(one)}</span>
					</label>
				))}
			</fieldset>
			{score > 0 && (
				<>
					<input
						class="rating-comment"
						dir="auto"
						maxLength={LIMITS.commentChars}
						aria-label={words.ratingWhy}
						placeholder={words.ratingWhy}
						value={comment}
						onInput={(event) => setComment(event.currentTarget.value)}
					/>
					<div class="rating-acts">
						{onCancel && (
							<button type="button" class="link-button" onClick={onCancel}>
								{words.cancel}
							</button>
						)}
						<button type="submit" class="rating-send" aria-disabled={state === "sending"}>
							{words.sendRating}
						</button>
					</div>
				</>
			)}
			{state === "failed" && <p role="alert">{words.ratingFailed}</p>}
		</form>
	);
}

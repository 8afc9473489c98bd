import { useState } from "preact/hooks";
import { AlertIcon } from "../../ui/icons.js";
import { FormDialog } from "../desk/form-dialog.js";
import { coming } from "../times.js";
import { asideTimes, chosenTime, fieldTime } from "./aside-times.js";
import { refusalWords } from "./changes.js";
import type { ChatDialogProps } from "./dialogs.js";

/** Out of the lists until a time, or until the customer writes. */
export function AsideDialog({ desk, chat, onDone }: ChatDialogProps) {
	const until = chat.snapshot.value.summary?.snoozed_until ?? null;
	const [now] = useState(() => Date.now());
	const [text, setText] = useState(() => (until ? fieldTime(new Date(until).getTime()) : ""));
	const [error, setError] = useState<string | null>(null);
	const [trouble, setTrouble] = useState<string | null>(null);
	const busy = chat.busy.value !== null;

	const put = async (at: number | null) => {
		if (busy) return;
		setError(null);
		setTrouble(null);
		const refusal = await desk.putAside(at);
		if (refusal) setTrouble(refusalWords(refusal));
		else onDone();
	};

	const submit = () => {
		const chosen = chosenTime(text, Date.now());
		if ("error" in chosen) setError(chosen.error);
		else void put(chosen.at);
	};

	return (
		<FormDialog
			title="Put this chat aside"
			verb="Put aside"
			doing="Putting aside"
			busy={busy}
			trouble={trouble}
			onSubmit={submit}
			onCancel={onDone}
		>
			<p class="modal-lead">
				{until
					? `It is put aside until ${coming(until, now)}, or until the customer writes.`
					: "It leaves the lists, and comes back at the time, or as soon as the customer writes."}
			</p>
			<ul class="choices">
				{asideTimes(now).map(({ name, at }, index) => (
					<li key={name}>
						<button
							type="button"
							class="choice"
							onClick={() => void put(at)}
							aria-disabled={busy}
							autofocus={index === 0}
						>
							<span>{name}</span>
							<span class="choice-more">{coming(at, now)}</span>
						</button>
					</li>
				))}
				{until && (
					<li>
						<button type="button" class="choice" onClick={() => void put(null)} aria-disabled={busy}>
							<span>Take up again</span>
							<span class="choice-more">now</span>
						</button>
					</li>
				)}
			</ul>
			<div class="form-field">
				<label for="aside-until">Until a day and an hour</label>
				<input
					id="aside-until"
					class={error ? "text-field wrong" : "text-field"}
					type="datetime-local"
					value={text}
					min={fieldTime(now)}
					onInput={(event) => setText(event.currentTarget.value)}
					aria-invalid={error ? true : undefined}
					aria-describedby={error ? "aside-error" : undefined}
				/>
				{error && (
					<p class="form-error" id="aside-error" role="alert">
						<AlertIcon size={16} />
						<span>{error}</span>
					</p>
				)}
			</div>
		</FormDialog>
	);
}

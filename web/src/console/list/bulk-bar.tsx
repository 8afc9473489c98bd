import { useState } from "preact/hooks";
import type { BulkAction, SessionSummary } from "../../protocol/types.js";
import { AlertIcon, CheckIcon, CloseIcon } from "../../ui/icons.js";
import type { Desk } from "../desk/desk.js";
import { Modal } from "../desk/modal.js";
import { refusalWords } from "../ticket/changes.js";
import { chats, doingWords, doneWords, type Job } from "./bulk.js";
import { BulkDialog } from "./bulk-dialog.js";

/** Above the rows: what to do with those that are chosen, and how far what is done is. */
export function BulkBar({ desk, shown }: { desk: Desk; shown: readonly SessionSummary[] }) {
	const { bulks } = desk;
	const [asks, setAsks] = useState<"close" | "more" | null>(null);
	const [trouble, setTrouble] = useState<string | null>(null);
	const job = bulks.job.value;
	if (!bulks.choosing.value) return job && <Progress job={job} onDismiss={bulks.dismiss} />;

	const chosen = shown.filter(({ id }) => bulks.chosen.value.has(id));
	const none = chosen.length === 0;
	const run = async (action: BulkAction) => {
		setTrouble(null);
		const refusal = await bulks.run(action, chosen);
		if (refusal) setTrouble(refusalWords(refusal));
	};

	return (
		<>
			<div class="bulk-bar" role="toolbar" aria-label="Chosen chats">
				<span class="bulk-count" role="status">
					{none ? "None chosen" : `${chats(chosen.length)} chosen`}
				</span>
				<button type="button" class="link" onClick={() => bulks.all(shown.map(({ id }) => id))}>
					All shown
				</button>
				<button
					type="button"
					class="icon-button"
					aria-label="Choose none"
					title="Choose none (Esc)"
					onClick={bulks.clear}
				>
					<CloseIcon size={16} />
				</button>
				<div class="bulk-acts">
					<button
						type="button"
						class="button outline small"
						disabled={none}
						onClick={() => void run({ type: "status", status: "resolved" })}
					>
						<CheckIcon size={16} />
						Resolve
					</button>
					<button type="button" class="button outline small" disabled={none} onClick={() => setAsks("close")}>
						Close
					</button>
					<button type="button" class="button outline small" disabled={none} onClick={() => setAsks("more")}>
						More
					</button>
				</div>
				{trouble && (
					<p class="form-error" role="alert">
						<AlertIcon size={16} />
						<span>{trouble}</span>
					</p>
				)}
			</div>
			{asks === "close" && (
				<Modal
					title={`Close ${chats(chosen.length)}?`}
					safe="Keep them open"
					verb={`Close ${chats(chosen.length)}`}
					onSafe={() => setAsks(null)}
					onVerb={() => {
						setAsks(null);
						void run({ type: "status", status: "closed" });
					}}
				>
					They end for the customers, too, and cannot be opened again. A new message opens a new chat.
				</Modal>
			)}
			{asks === "more" && <BulkDialog desk={desk} chosen={chosen} onDone={() => setAsks(null)} />}
		</>
	);
}

function Progress({ job: { bulk, names }, onDismiss }: { job: Job; onDismiss: () => void }) {
	const { action, state, total, done, failed, errors } = bulk;
	const running = state === "running";
	const words = running ? `${doingWords(action)} ${done + failed} of ${chats(total)}` : doneWords(bulk);
	return (
		<section class="bulk-bar" aria-label="Change of many chats">
			<span class="bulk-count">{words}</span>
			{running ? (
				<progress class="bulk-progress" max={total} value={done + failed} aria-label={words} />
			) : (
				<button type="button" class="icon-button" aria-label="Dismiss" title="Dismiss" onClick={onDismiss}>
					<CloseIcon size={16} />
				</button>
			)}
			{errors.length > 0 && (
				<details class="bulk-errors">
					<summary>{failed} not changed</summary>
					<ul>
						{errors.map(({ session_id, message }) => (
							<li key={session_id} dir="auto">
								<strong>{names.get(session_id) ?? "A chat"}</strong>: {message}
							</li>
						))}
						{failed > errors.length && <li>and {failed - errors.length} more</li>}
					</ul>
				</details>
			)}
		</section>
	);
}

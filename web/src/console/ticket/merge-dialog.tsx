import { useEffect, useState } from "preact/hooks";
import { HttpError } from "../../client/index.js";
import type { Page, SessionId, SessionSummary } from "../../protocol/types.js";
import { StatusRing } from "../../ui/marks.js";
import { FormDialog } from "../desk/form-dialog.js";
import { STATUS_WORDS } from "../names.js";
import { dayAndClock } from "../times.js";
import { refusalWords } from "./changes.js";
import type { ChatDialogProps } from "./dialogs.js";

type Others =
	| { readonly state: "asking" }
	| { readonly state: "known"; readonly chats: readonly SessionSummary[] }
	| { readonly state: "failed"; readonly message: string };

/** Lets this chat go on in another one of the same customer. */
export function MergeDialog({ desk, chat, onDone }: ChatDialogProps) {
	const [others, setOthers] = useState<Others>({ state: "asking" });
	const [chosen, setChosen] = useState<SessionId | null>(null);
	const [trouble, setTrouble] = useState<string | null>(null);
	const { summary } = chat.snapshot.value;

	useEffect(() => {
		let there = true;
		desk.client.http.get<Page<SessionSummary>>(`/sessions/${chat.id}/related?limit=100`).then(
			({ items }) => {
				if (!there) return;
				const chats = items.filter(({ status }) => status !== "closed");
				setOthers({ state: "known", chats });
				setChosen(chats[0]?.id ?? null);
			},
			(error: unknown) => {
				if (there && error instanceof HttpError) setOthers({ state: "failed", message: error.message });
			},
		);
		return () => {
			there = false;
		};
	}, [desk, chat]);

	const chats = others.state === "known" ? others.chats : [];
	const target = chats.find(({ id }) => id === chosen);
	const submit = async () => {
		if (!target) return;
		setTrouble(null);
		const refusal = await desk.merge(target);
		if (refusal) setTrouble(refusalWords(refusal));
		else onDone();
	};

	return (
		<FormDialog
			title={`Merge #${summary?.number ?? ""} into another chat`}
			verb={target ? `Merge into #${target.number}` : "Merge"}
			doing="Merging"
			busy={chat.busy.value !== null}
			unready={!target}
			trouble={trouble}
			onSubmit={() => void submit()}
			onCancel={onDone}
		>
			{chats.length === 0 ? (
				<p class="modal-lead" role="status">
					{others.state === "asking" && "Looking for this customer's other chats"}
					{others.state === "known" && "This customer has no other chat that is still open."}
					{others.state === "failed" && others.message}
				</p>
			) : (
				<>
					<p class="modal-lead">
						This chat ends, and goes on in the other one. Its messages stay to be read there, its tags and
						details go along. You can undo it for 24 hours.
					</p>
					<fieldset class="people-list">
						<legend class="unseen">Chat in which it goes on</legend>
						{chats.map((one) => (
							<label key={one.id} class="choice merge-choice">
								<input
									type="radio"
									name="merge-into"
									checked={one.id === chosen}
									onChange={() => setChosen(one.id)}
								/>
								<span class="merge-words">
									<span class="merge-preview" dir="auto">
										#{one.number} · {one.subject || one.last_message?.preview || "No message yet"}
									</span>
									<span class="side-when">
										<StatusRing status={one.status} />
										{STATUS_WORDS[one.status]} · {dayAndClock(one.created_at, Date.now())}
										{one.assignee && ` · ${one.assignee.name}`}
									</span>
								</span>
							</label>
						))}
					</fieldset>
				</>
			)}
		</FormDialog>
	);
}

import { useState } from "preact/hooks";
import { type Http, HttpError } from "../../client/index.js";
import type { Contact } from "../../protocol/types.js";
import { FormDialog } from "../desk/form-dialog.js";
import { Segments, TextField } from "../settings/fields.js";

const HOUR = 3_600_000;
const TIMES = [
	["hour", "An hour"],
	["day", "A day"],
	["week", "A week"],
	["ever", "Until lifted"],
] as const;
type Time = (typeof TIMES)[number][0];
const LENGTHS: Readonly<Record<Time, number | null>> = {
	hour: HOUR,
	day: 24 * HOUR,
	week: 7 * 24 * HOUR,
	ever: null,
};

/** Keeps a contact from writing, with a reason that the team reads. */
export function BlockDialog({ http, contact, onDone, onCancel }: ContactActProps) {
	const [reason, setReason] = useState("");
	const [time, setTime] = useState<Time>("day");
	const [busy, setBusy] = useState(false);
	const [trouble, setTrouble] = useState<string | null>(null);
	const submit = async () => {
		setBusy(true);
		setTrouble(null);
		const length = LENGTHS[time];
		const until = length === null ? {} : { until: new Date(Date.now() + length).toISOString() };
		try {
			onDone(await http.post<Contact>(`/contacts/${contact.id}/block`, { reason, ...until }));
		} catch (error) {
			if (!(error instanceof HttpError)) throw error;
			setTrouble(error.message);
			setBusy(false);
		}
	};
	return (
		<FormDialog
			title={`Block ${contact.name ?? "this customer"}?`}
			verb="Block"
			doing="Blocking"
			busy={busy}
			unready={reason.trim() === ""}
			trouble={trouble}
			onSubmit={() => void submit()}
			onCancel={onCancel}
		>
			<p class="modal-lead">
				They cannot write any more, nor begin a new chat with the same phone number. They are told only that
				the chat is not available.
			</p>
			<TextField
				id="block-reason"
				label="Reason"
				value={reason}
				help="For the team to read."
				onValue={setReason}
				autofocus
			/>
			<Segments id="block-time" label="For" value={time} options={TIMES} onValue={setTime} />
		</FormDialog>
	);
}

/** What is done to a contact that is shown. */
export interface ContactActProps {
	readonly http: Http;
	readonly contact: Contact;
	readonly onDone: (contact: Contact) => void;
	readonly onCancel: () => void;
}

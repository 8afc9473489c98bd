import { useEffect, useState } from "preact/hooks";
import { HttpError } from "../../client/index.js";
import type { Contact, ContactId, Page } from "../../protocol/types.js";
import { FormDialog } from "../desk/form-dialog.js";
import { TextField } from "../settings/fields.js";
import type { ContactActProps } from "./block-dialog.js";

const SEARCH_MS = 200;

/** Lets a contact go on in another one, which is looked for. */
export function MergeContactDialog({ http, contact, onDone, onCancel }: ContactActProps) {
	const [typed, setTyped] = useState(contact.name ?? "");
	const [found, setFound] = useState<readonly Contact[] | null>(null);
	const [chosen, setChosen] = useState<ContactId | null>(null);
	const [busy, setBusy] = useState(false);
	const [trouble, setTrouble] = useState<string | null>(null);
	useEffect(() => {
		let there = true;
		const timer = setTimeout(() => {
			const words = new URLSearchParams({ site: contact.site, limit: "20" });
			if (typed.trim()) words.set("q", typed.trim());
			http.get<Page<Contact>>(`/contacts?${words}`).then(
				({ items }) => there && setFound(items.filter(({ id }) => id !== contact.id)),
				(error: unknown) => {
					if (there && error instanceof HttpError) setFound([]);
				},
			);
		}, SEARCH_MS);
		return () => {
			there = false;
			clearTimeout(timer);
		};
	}, [http, contact, typed]);
	const target = found?.find(({ id }) => id === chosen);
	const submit = async () => {
		if (!target) return;
		setBusy(true);
		setTrouble(null);
		try {
			onDone(await http.post<Contact>(`/contacts/${contact.id}/merge`, { into: target.id }));
		} catch (error) {
			if (!(error instanceof HttpError)) throw error;
			setTrouble(error.message);
			setBusy(false);
		}
	};
	return (
		<FormDialog
			title={`Merge ${contact.name ?? "this contact"} into another one`}
			verb={target ? `Merge into ${target.name ?? "it"}` : "Merge"}
			doing="Merging"
			busy={busy}
			unready={!target}
			trouble={trouble}
			onSubmit={() => void submit()}
			onCancel={onCancel}
		>
			<p class="modal-lead">
				Its chats are the other one's from now on. No customer sees another's chats by it, and you can undo
				it.
			</p>
			<TextField
				id="merge-find"
				label="Find the other one"
				type="search"
				value={typed}
				placeholder="Name, phone or e-mail"
				onValue={setTyped}
				autofocus
			/>
			<p class="unseen" role="status">
				{found === null ? "" : `${found.length} found`}
			</p>
			{found?.length === 0 && <p class="modal-lead">Nobody else found.</p>}
			{found && found.length > 0 && (
				<fieldset class="people-list">
					<legend class="unseen">Contact in which it goes on</legend>
					{found.map((one) => (
						<label key={one.id} class="choice merge-choice">
							<input
								type="radio"
								name="merge-contact"
								checked={one.id === chosen}
								onChange={() => setChosen(one.id)}
							/>
							<span class="merge-words">
								<span class="merge-preview" dir="auto">
									{one.name ?? "No name"}
								</span>
								<span class="side-when">
									{[one.phone, one.email, one.verified ? "verified" : null].filter(Boolean).join(" · ") ||
										"Nothing else is known"}
								</span>
							</span>
						</label>
					))}
				</fieldset>
			)}
		</FormDialog>
	);
}

import { useState } from "preact/hooks";
import { HttpError } from "../../client/index.js";
import type { Attribute, Contact, Page } from "../../protocol/types.js";
import type { Desk } from "../desk/desk.js";
import { BlockDialog } from "./block-dialog.js";
import { ContactDialog } from "./contact-dialog.js";
import { MergeContactDialog } from "./merge-dialog.js";

type Open = "edit" | "block" | "merge" | null;

/** The attributes that contacts have; none where the server does not say. */
export async function contactAttributes(desk: Desk): Promise<readonly Attribute[]> {
	try {
		const { items } = await desk.client.http.get<Page<Attribute>>("/attributes");
		return items.filter(({ of }) => of === "contact");
	} catch (error) {
		if (!(error instanceof HttpError)) throw error;
		return [];
	}
}

/** What can be done to a contact; `onChanged` is told of the one to be looked at after it. */
export function ContactActs({ desk, contact, defined, onChanged }: ContactActsProps) {
	const [open, setOpen] = useState<Open>(null);
	const { http } = desk.client;
	const done = (words: string) => (fresh: Contact) => {
		setOpen(null);
		desk.tell(words);
		onChanged(fresh);
	};
	const unblock = async () => {
		try {
			done("The block is lifted")(await http.post<Contact>(`/contacts/${contact.id}/unblock`));
		} catch (error) {
			if (!(error instanceof HttpError)) throw error;
			desk.tell(error.message);
		}
	};
	const props = { http, contact, onCancel: () => setOpen(null) };
	return (
		<div class="contact-acts">
			<button type="button" class="button outline small" onClick={() => setOpen("edit")}>
				Edit contact
			</button>
			<button type="button" class="button outline small" onClick={() => setOpen("merge")}>
				Merge
			</button>
			{contact.blocked ? (
				<button type="button" class="button outline small" onClick={() => void unblock()}>
					Lift the block
				</button>
			) : (
				<button type="button" class="button outline small" onClick={() => setOpen("block")}>
					Block
				</button>
			)}
			{open === "edit" && <ContactDialog {...props} defined={defined} onDone={done("Contact saved")} />}
			{open === "block" && <BlockDialog {...props} onDone={done("The customer is blocked")} />}
			{open === "merge" && <MergeContactDialog {...props} onDone={done("The contacts are merged")} />}
		</div>
	);
}

interface ContactActsProps {
	readonly desk: Desk;
	readonly contact: Contact;
	readonly defined: readonly Attribute[];
	readonly onChanged: (contact: Contact) => void;
}

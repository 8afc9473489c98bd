import type { Http } from "../../client/index.js";
import type { Attribute, Contact, Site } from "../../protocol/types.js";
import { FormDialog } from "../desk/form-dialog.js";
import { faultAt } from "../settings/faults.js";
import { Segments, TextField } from "../settings/fields.js";
import { useForm } from "../settings/form.js";
import { TypedField } from "./typed-field.js";

interface Values {
	readonly name: string;
	readonly phone: string;
	readonly email: string;
	readonly account_status: string;
	readonly attributes: Readonly<Record<string, string>>;
	readonly site: string;
}

/** Makes a contact, or changes one; typed by what is defined. */
export function ContactDialog({ http, contact, sites = [], defined, onDone, onCancel }: ContactDialogProps) {
	const base: Values = {
		name: contact?.name ?? "",
		phone: contact?.phone ?? "",
		email: contact?.email ?? "",
		account_status: contact?.account_status ?? "",
		attributes: contact?.attributes ?? {},
		site: contact?.site ?? sites[0]?.key ?? "demo",
	};
	const form = useForm<Values>(
		base,
		async (changed, values) => {
			if (!contact) {
				onDone(await http.post<Contact>("/contacts", values));
				return;
			}
			const { attributes, site: _, ...rest } = changed;
			const before = base.attributes;
			const differing = Object.entries(attributes ?? {}).filter(
				([key, value]) => value !== (before[key] ?? ""),
			);
			const body = {
				...rest,
				version: contact.version,
				attributes: Object.fromEntries(differing.map(([key, value]) => [key, value === "" ? null : value])),
			};
			onDone(await http.patch<Contact>(`/contacts/${contact.id}`, body));
		},
		{ unique: "phone" },
	);
	const { values } = form;
	return (
		<FormDialog
			title={contact ? `Edit ${contact.name ?? "this contact"}` : "New contact"}
			verb={contact ? "Save" : "Make contact"}
			doing={contact ? "Saving" : "Making it"}
			busy={form.busy}
			trouble={form.faults.whole}
			onSubmit={() => void form.send()}
			onCancel={onCancel}
		>
			{!contact && sites.length > 1 && (
				<Segments
					id="contact-site"
					label="Site"
					value={values.site}
					options={sites.map(({ key, name }) => [key, name] as const)}
					onValue={(site) => form.set({ site })}
				/>
			)}
			<TextField
				id="contact-name"
				label="Name"
				value={values.name}
				error={form.at("name", "The name")}
				onValue={(name) => form.set({ name })}
				autofocus
			/>
			<TextField
				id="contact-phone"
				label="Phone"
				value={values.phone}
				error={form.at("phone", "The phone number")}
				placeholder="+44 7700 900118"
				onValue={(phone) => form.set({ phone })}
			/>
			<TextField
				id="contact-email"
				label="E-mail"
				type="email"
				value={values.email}
				error={form.at("email", "The e-mail address")}
				onValue={(email) => form.set({ email })}
			/>
			<TextField
				id="contact-account"
				label="Account status"
				value={values.account_status}
				error={form.at("account_status", "The account status")}
				onValue={(account_status) => form.set({ account_status })}
			/>
			{defined.map((one) => (
				<TypedField
					key={one.id}
					id={`contact-${one.key}`}
					attribute={one}
					value={values.attributes[one.key] ?? ""}
					error={faultAt(form.faults, `attributes.${one.key}`, one.label)}
					onValue={(value) => form.set({ attributes: { ...values.attributes, [one.key]: value } })}
				/>
			))}
		</FormDialog>
	);
}

export interface ContactDialogProps {
	readonly http: Http;
	/** Null: a new one is made. */
	readonly contact: Contact | null;
	/** The sites that it may be of. */
	readonly sites?: readonly Site[];
	readonly defined: readonly Attribute[];
	readonly onDone: (contact: Contact) => void;
	readonly onCancel: () => void;
}

import { useEffect, useState } from "preact/hooks";
import { HttpError } from "../../../client/index.js";
import type { Attribute, AttributeKind, AttributeOf, Page } from "../../../protocol/types.js";
import { PlusIcon } from "../../../ui/icons.js";
import { FormDialog } from "../../desk/form-dialog.js";
import { Modal } from "../../desk/modal.js";
import { controlProps, Field, Segments, TextArea, TextField } from "../fields.js";
import { useForm } from "../form.js";
import { keepFocus, PageHead } from "../page.js";
import type { SectionProps } from "../sections.js";

const KINDS: readonly (readonly [AttributeKind, string])[] = [
	["text", "Text"],
	["number", "Number"],
	["boolean", "Yes or no"],
	["date", "Date"],
	["url", "Link"],
	["list", "Choice"],
];
const KIND_WORDS = new Map(KINDS);
const OF: readonly (readonly [AttributeOf, string])[] = [
	["contact", "Contacts"],
	["session", "Chats"],
];

/** What else is kept of customers and chats, each with its kind. */
export function AttributesPage({ desk, workspace }: SectionProps) {
	const { http } = workspace;
	const [all, setAll] = useState<readonly Attribute[] | null>(null);
	const [trouble, setTrouble] = useState<string | null>(null);
	const [edited, setEdited] = useState<Attribute | "new" | null>(null);
	const [deleted, setDeleted] = useState<Attribute | null>(null);
	const [again, setAgain] = useState(0);
	useEffect(() => {
		let there = true;
		http.get<Page<Attribute>>("/attributes").then(
			({ items }) => there && setAll(items),
			(error: unknown) => {
				if (there && error instanceof HttpError) setTrouble(error.message);
			},
		);
		return () => {
			there = false;
		};
	}, [http, again]);
	const remove = async ({ id }: Attribute) => {
		setDeleted(null);
		try {
			await http.delete(`/attributes/${id}`);
			desk.tell("Attribute deleted");
		} catch (error) {
			if (!(error instanceof HttpError)) throw error;
			desk.tell(error.message);
		}
		setAgain((count) => count + 1);
		keepFocus();
	};
	return (
		<>
			<PageHead
				desk={desk}
				title="Attributes"
				lead="What else you keep of customers and chats: a plan, a birthday, an order number."
			>
				<button type="button" class="button main" onClick={() => setEdited("new")}>
					<PlusIcon size={16} />
					New attribute
				</button>
			</PageHead>
			{trouble && <p class="part-lead">{trouble}</p>}
			{all?.length === 0 && <p class="part-lead">There is no attribute yet.</p>}
			{all && all.length > 0 && (
				<ul class="rows">
					{all.map((one) => (
						<li class="row-line" key={one.id}>
							<span class="row-main">
								<strong dir="auto">{one.label}</strong>
								<span>
									{one.of === "contact" ? "Of contacts" : "Of chats"} · {KIND_WORDS.get(one.kind)} ·{" "}
									<bdi>{one.key}</bdi>
									{one.about && ` · ${one.about}`}
								</span>
							</span>
							<button
								type="button"
								class="button outline small"
								aria-label={`Edit ${one.label}`}
								onClick={() => setEdited(one)}
							>
								Edit
							</button>
							<button
								type="button"
								class="button outline small"
								aria-label={`Delete ${one.label}`}
								onClick={() => setDeleted(one)}
							>
								Delete
							</button>
						</li>
					))}
				</ul>
			)}
			{edited && (
				<AttributeDialog
					http={http}
					attribute={edited === "new" ? null : edited}
					onCancel={() => setEdited(null)}
					onDone={() => {
						setEdited(null);
						setAgain((count) => count + 1);
					}}
				/>
			)}
			{deleted && (
				<Modal
					title={`Delete the attribute ${deleted.label}?`}
					safe="Keep it"
					verb="Delete attribute"
					onSafe={() => setDeleted(null)}
					onVerb={() => void remove(deleted)}
				>
					Its values are kept, and hidden from contacts until it is defined again under the same key.
				</Modal>
			)}
		</>
	);
}

/** A key that can be made of what people call it. */
const keyOf = (label: string): string =>
	label
		.normalize("NFKD")
		.toLowerCase()
		.replace(/[^a-z0-9]+/g, "_")
		.replace(/^_+|_+$/g, "")
		.slice(0, 50);

function AttributeDialog({
	http,
	attribute,
	onDone,
	onCancel,
}: {
	http: SectionProps["workspace"]["http"];
	attribute: Attribute | null;
	onDone: () => void;
	onCancel: () => void;
}) {
	const form = useForm(
		{
			of: (attribute?.of ?? "contact") as AttributeOf,
			label: attribute?.label ?? "",
			key: attribute?.key ?? "",
			kind: (attribute?.kind ?? "text") as AttributeKind,
			choices: attribute?.choices.join("\n") ?? "",
			about: attribute?.about ?? "",
		},
		async (_, { of, label, key, kind, choices, about }) => {
			const list = kind === "list" ? choices.split("\n").filter((line) => line.trim() !== "") : [];
			if (attribute) {
				const more = kind === "list" ? { choices: list } : {};
				await http.patch<Attribute>(`/attributes/${attribute.id}`, { label, about, ...more });
			} else {
				await http.post<Attribute>("/attributes", {
					of,
					label,
					key: key || keyOf(label),
					kind,
					choices: list,
					about,
				});
			}
		},
		{ unique: "key" },
	);
	const { values } = form;
	const submit = async () => {
		if (await form.send()) onDone();
	};
	const kind = { id: "attribute-kind", label: "Kind", error: form.at("kind", "The kind") };
	return (
		<FormDialog
			title={attribute ? `Edit ${attribute.label}` : "New attribute"}
			verb={attribute ? "Save" : "Define attribute"}
			doing="Saving"
			busy={form.busy}
			trouble={form.faults.whole}
			onSubmit={() => void submit()}
			onCancel={onCancel}
		>
			{!attribute && (
				<Segments
					id="attribute-of"
					label="Of"
					value={values.of}
					options={OF}
					onValue={(of) => form.set({ of })}
				/>
			)}
			<TextField
				id="attribute-label"
				label="Name"
				value={values.label}
				error={form.at("label", "The name")}
				onValue={(label) => form.set({ label })}
				autofocus
			/>
			{!attribute && (
				<>
					<TextField
						id="attribute-key"
						label="Key"
						value={values.key}
						placeholder={keyOf(values.label)}
						help="By which the API names it: a-z, 0-9, _ and -. It stays as it is."
						error={form.at("key", "The key")}
						onValue={(key) => form.set({ key })}
						optional
					/>
					<Field {...kind}>
						<select
							{...controlProps(kind)}
							class="text-field"
							value={values.kind}
							onChange={(event) => form.set({ kind: event.currentTarget.value as AttributeKind })}
						>
							{KINDS.map(([one, words]) => (
								<option key={one} value={one}>
									{words}
								</option>
							))}
						</select>
					</Field>
				</>
			)}
			{values.kind === "list" && (
				<TextArea
					id="attribute-choices"
					label="Choices"
					help="One a line."
					rows={4}
					value={values.choices}
					error={form.at("choices", "The choices")}
					onValue={(choices) => form.set({ choices })}
				/>
			)}
			<TextField
				id="attribute-about"
				label="What it is for"
				value={values.about}
				error={form.at("about", "What it is for")}
				onValue={(about) => form.set({ about })}
				optional
			/>
		</FormDialog>
	);
}

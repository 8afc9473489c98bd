import "../../styles/contacts.css";

import { useEffect, useRef, useState } from "preact/hooks";
import { HttpError } from "../../../client/index.js";
import type { Attribute, Contact, Page } from "../../../protocol/types.js";
import { Avatar } from "../../../ui/avatar.js";
import { PlusIcon } from "../../../ui/icons.js";
import { contactAttributes } from "../../contacts/acts.js";
import { ContactDialog } from "../../contacts/contact-dialog.js";
import { PageHead, SettingsLink } from "../page.js";
import type { SectionProps } from "../sections.js";
import { ContactPage } from "./contact-page.js";

const SEARCH_MS = 200;

/** The customers, or one of them. */
export function ContactsPage(props: SectionProps) {
	return props.rest === "" ? <Contacts {...props} /> : <ContactPage key={props.rest} {...props} />;
}

type Listed =
	| { readonly state: "asking" }
	| { readonly state: "failed"; readonly message: string }
	| { readonly state: "known"; readonly page: Page<Contact> };

function Contacts({ desk, workspace }: SectionProps) {
	const { http, sites } = workspace;
	useEffect(() => void sites.refresh(), [sites]);
	const [typed, setTyped] = useState("");
	const [blocked, setBlocked] = useState(false);
	const [sort, setSort] = useState("recent");
	const [listed, setListed] = useState<Listed>({ state: "asking" });
	const [making, setMaking] = useState<readonly Attribute[] | null>(null);
	const question = useRef(0);
	const ask = async (before: readonly Contact[], cursor: string | null) => {
		question.current += 1;
		const mine = question.current;
		const words = new URLSearchParams({ sort });
		if (typed.trim()) words.set("q", typed.trim());
		if (blocked) words.set("blocked", "true");
		if (cursor) words.set("cursor", cursor);
		try {
			const page = await http.get<Page<Contact>>(`/contacts?${words}`);
			if (mine === question.current)
				setListed({ state: "known", page: { ...page, items: [...before, ...page.items] } });
		} catch (error) {
			if (!(error instanceof HttpError)) throw error;
			if (mine === question.current) setListed({ state: "failed", message: error.message });
		}
	};
	useEffect(() => {
		const timer = setTimeout(() => void ask([], null), SEARCH_MS);
		return () => clearTimeout(timer);
	}, [http, typed, blocked, sort]);
	const page = listed.state === "known" ? listed.page : null;
	const looked = typed.trim() !== "" || blocked;
	return (
		<>
			<PageHead desk={desk} title="Contacts" lead="Your customers: whoever chatted, and whom you add.">
				<button
					type="button"
					class="button main"
					onClick={() => void contactAttributes(desk).then(setMaking)}
				>
					<PlusIcon size={16} />
					New contact
				</button>
			</PageHead>
			<div class="contacts-bar">
				<input
					class="text-field search"
					type="search"
					dir="auto"
					aria-label="Find a contact"
					placeholder="Find by name, phone or e-mail"
					value={typed}
					onInput={(event) => setTyped(event.currentTarget.value)}
				/>
				<label class="check">
					<input
						type="checkbox"
						checked={blocked}
						onChange={(event) => setBlocked(event.currentTarget.checked)}
					/>
					Blocked only
				</label>
				<select
					class="text-field"
					aria-label="Order"
					value={sort}
					onChange={(event) => setSort(event.currentTarget.value)}
				>
					<option value="recent">Last changed first</option>
					<option value="created">Newest first</option>
					<option value="name">By name</option>
				</select>
			</div>
			<p class="unseen" role="status">
				{page ? `${page.total} found` : ""}
			</p>
			{listed.state === "failed" && <p class="part-lead">{listed.message}</p>}
			{page && (
				<ul class="rows">
					{page.items.map((one) => (
						<li key={one.id}>
							<SettingsLink router={desk.router} to={`contacts/${one.id}`} class="row-line person-line">
								<Avatar id={one.id} name={one.name} size={36} />
								<span class="row-main">
									<strong dir="auto">{one.name ?? "No name"}</strong>
									<bdi>{[one.phone, one.email].filter(Boolean).join(" · ")}</bdi>
								</span>
								<span class="cells">
									<span class="cell">{one.site}</span>
									<span class="cell">{one.verified ? "Verified" : "Not verified"}</span>
									{one.account_status && (
										<span class="cell" dir="auto">
											{one.account_status}
										</span>
									)}
									{one.blocked && <span class="cell state disabled">Blocked</span>}
								</span>
							</SettingsLink>
						</li>
					))}
				</ul>
			)}
			{page?.items.length === 0 && (
				<p class="part-lead">{looked ? "Nobody found." : "Nobody has chatted yet."}</p>
			)}
			{page?.next_cursor && (
				<button type="button" class="button outline" onClick={() => void ask(page.items, page.next_cursor)}>
					Show more
				</button>
			)}
			{making && (
				<ContactDialog
					http={http}
					contact={null}
					sites={sites.now.value.state === "known" ? sites.now.value.value : []}
					defined={making}
					onDone={({ id }) => {
						setMaking(null);
						desk.tell("Contact made");
						desk.router.go({ settings: `contacts/${id}` });
					}}
					onCancel={() => setMaking(null)}
				/>
			)}
		</>
	);
}

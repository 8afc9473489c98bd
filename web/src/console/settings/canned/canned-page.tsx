import "../../styles/canned.css";

import { useEffect, useRef, useState } from "preact/hooks";
import { HttpError } from "../../../client/index.js";
import type { CannedAnswer, Page } from "../../../protocol/types.js";
import { PlusIcon } from "../../../ui/icons.js";
import { whose } from "../../thread/canned.js";
import { PageHead, SettingsLink } from "../page.js";
import type { SectionProps } from "../sections.js";
import { AnswerPage } from "./answer-page.js";
import { ImportDialog } from "./import-dialog.js";

const SEARCH_MS = 200;

/** The canned answers, or one of them. */
export function CannedPage(props: SectionProps) {
	return props.rest === "" ? <CannedAnswers {...props} /> : <AnswerPage {...props} />;
}

interface Query {
	readonly q: string;
	readonly scope: string;
	readonly sort: string;
}

type Listed =
	| { readonly state: "asking" }
	| { readonly state: "failed"; readonly message: string }
	| { readonly state: "known"; readonly page: Page<CannedAnswer> };

/** What fits the query, a page after the other. */
function useAnswers(http: SectionProps["workspace"]["http"], query: Query) {
	const [listed, setListed] = useState<Listed>({ state: "asking" });
	const question = useRef(0);
	const ask = async (before: readonly CannedAnswer[], cursor: string | null) => {
		question.current += 1;
		const mine = question.current;
		const words = new URLSearchParams({ sort: query.sort });
		if (query.q) words.set("q", query.q);
		if (query.scope) words.set("scope", query.scope);
		if (cursor) words.set("cursor", cursor);
		try {
			const page = await http.get<Page<CannedAnswer>>(`/canned?${words}`);
			if (mine !== question.current) return;
			setListed({ state: "known", page: { ...page, items: [...before, ...page.items] } });
		} catch (error) {
			if (!(error instanceof HttpError)) throw error;
			if (mine === question.current) setListed({ state: "failed", message: error.message });
		}
	};
	const first = useRef(true);
	useEffect(() => {
		const timer = setTimeout(() => void ask([], null), first.current ? 0 : SEARCH_MS);
		first.current = false;
		return () => clearTimeout(timer);
	}, [http, query.q, query.scope, query.sort]);
	return { listed, ask };
}

function CannedAnswers({ desk, workspace }: SectionProps) {
	const [query, setQuery] = useState<Query>({ q: "", scope: "", sort: "shortcut" });
	const [importing, setImporting] = useState(false);
	const { listed, ask } = useAnswers(workspace.http, query);
	return (
		<>
			<PageHead
				desk={desk}
				title="Canned answers"
				lead="What you say often, written once. In a chat, type / and its shortcut. Your own come first, then those of your teams, then those for everybody."
			>
				<SettingsLink router={desk.router} to="canned/new" class="button main">
					<PlusIcon size={16} />
					New answer
				</SettingsLink>
			</PageHead>
			<div class="canned-tools">
				<input
					class="text-field search"
					type="search"
					dir="auto"
					aria-label="Find canned answers"
					placeholder="Find by shortcut, title or text"
					maxLength={100}
					value={query.q}
					onInput={(event) => setQuery({ ...query, q: event.currentTarget.value.trim() })}
				/>
				<select
					class="text-field"
					aria-label="Whose"
					value={query.scope}
					onChange={(event) => setQuery({ ...query, scope: event.currentTarget.value })}
				>
					<option value="">All</option>
					<option value="personal">Your own</option>
					<option value="team">Teams’</option>
					<option value="all">For everybody</option>
				</select>
				<select
					class="text-field"
					aria-label="Order"
					value={query.sort}
					onChange={(event) => setQuery({ ...query, sort: event.currentTarget.value })}
				>
					<option value="shortcut">By shortcut</option>
					<option value="uses">Most used</option>
					<option value="recent">Last used</option>
				</select>
			</div>
			<Answers desk={desk} listed={listed} query={query} ask={ask} />
			<section class="part" aria-labelledby="canned-files-title">
				<h2 id="canned-files-title">Files</h2>
				<p class="part-lead">
					To edit many at once in a spreadsheet, to keep a copy, or to bring them from elsewhere.
				</p>
				<div class="acts">
					<button type="button" class="button outline" onClick={() => setImporting(true)}>
						Import
					</button>
					<a class="button outline" href="/api/v1/canned/export?format=csv" download>
						Export as CSV
					</a>
					<a class="button outline" href="/api/v1/canned/export?format=json" download>
						Export as JSON
					</a>
				</div>
			</section>
			{importing && (
				<ImportDialog
					workspace={workspace}
					onDone={(words) => {
						setImporting(false);
						if (words === null) return;
						desk.tell(words);
						void ask([], null);
					}}
				/>
			)}
		</>
	);
}

function Answers({
	desk,
	listed,
	query,
	ask,
}: Pick<SectionProps, "desk"> & { listed: Listed; query: Query; ask: ReturnType<typeof useAnswers>["ask"] }) {
	if (listed.state === "asking") return null;
	if (listed.state === "failed") {
		return (
			<p class="part-lead" role="alert">
				{listed.message}{" "}
				<button type="button" class="link" onClick={() => void ask([], null)}>
					Try again
				</button>
			</p>
		);
	}
	const { items, total, next_cursor } = listed.page;
	if (items.length === 0) {
		const narrowed = query.q !== "" || query.scope !== "";
		return (
			<p class="part-lead" role="status">
				{narrowed ? "No canned answer fits." : "There is no canned answer yet. Make your first one."}
			</p>
		);
	}
	return (
		<>
			<p class="unseen" role="status">
				{total === 1 ? "1 canned answer" : `${total} canned answers`}
			</p>
			<ul class="rows">
				{items.map((one) => (
					<li key={one.id}>
						<SettingsLink router={desk.router} to={`canned/${one.id}`} class="row-line">
							<span class="row-main">
								<strong dir="auto">{one.title || one.shortcut}</strong>
								<span dir="auto">
									{[
										`/${one.shortcut}`,
										one.category,
										whose(one),
										filesCount(one),
										one.shadowed ? "another one comes before it" : "",
									]
										.filter((word) => word !== "")
										.join(" · ")}
								</span>
								<span class="canned-row-text" dir="auto">
									{one.body}
								</span>
							</span>
							<span class="canned-uses">{usesWords(one)}</span>
						</SettingsLink>
					</li>
				))}
			</ul>
			{next_cursor && (
				<button type="button" class="button outline" onClick={() => void ask(items, next_cursor)}>
					Show more of {total}
				</button>
			)}
		</>
	);
}

const filesCount = ({ attachments: { length } }: CannedAnswer): string =>
	length === 0 ? "" : length === 1 ? "1 file" : `${length} files`;

const usesWords = ({ uses }: CannedAnswer): string =>
	uses === 0 ? "Not used yet" : uses === 1 ? "Used once" : `Used ${uses} times`;

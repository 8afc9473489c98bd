/** What surrounds the chat, in the side panel: where the customer is, and the customer's other chats. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Page, SeenPage, SessionContext, SessionSummary } from "../../protocol/types.js";
import { StatusRing } from "../../ui/marks.js";
import type { Desk } from "../desk/desk.js";
import { STATUS_WORDS } from "../names.js";
import { ago, dayAndClock } from "../times.js";
import { useNow } from "../use-now.js";
import type { OpenChat } from "./open-chat.js";
import { ChatLink, Fact } from "./side-panel.js";

/** Pages that are shown before one asks for all. */
const PAGES = 3;
/** Earlier chats that are shown before one asks for more. */
const CHATS = 5;
const ALL_CHATS = 100;
/** How often it is looked where the customer is, while they are here. */
const LOOK_MS = 15_000;

interface Props {
	readonly desk: Desk;
	readonly summary: SessionSummary;
}

/** The answer to a question about this chat, asked again when `again` changes. Null before there is one. */
function useAnswer<T>(desk: Desk, path: string, again: unknown): T | null {
	const [answer, setAnswer] = useState<T | null>(null);
	const asked = useRef(0);
	useEffect(() => {
		asked.current += 1;
		const mine = asked.current;
		desk.client.http.get<T>(path).then(
			(fresh) => {
				if (mine === asked.current) setAnswer(fresh);
			},
			// Then what was there stays; the connection bar says what is wrong.
			() => undefined,
		);
		return () => {
			asked.current += 1;
		};
	}, [desk, path, again]);
	return answer;
}

/** Where the customer is and was, and with what. */
export function Whereabouts({ desk, chat, summary }: Props & { readonly chat: OpenChat }) {
	const now = useNow(LOOK_MS);
	const { presence } = chat.snapshot.value;
	const here = presence.some(({ who, online }) => who.kind === "customer" && online);
	const turn = here ? now : `gone after ${summary.last_message?.seq ?? 0}`;
	const context = useAnswer<SessionContext>(desk, `/sessions/${summary.id}/context`, turn);
	const [all, setAll] = useState(false);
	if (!context) return null;
	const { page, pages, browser, locale, fields, claimed_external_id: claimed } = context;
	const began = page.url
		? { url: page.url, title: page.title ?? null, seen_at: summary.created_at }
		: undefined;
	const seen = pages.length === 0 && began ? [began] : pages;
	const facts = Object.entries(fields);
	if (seen.length === 0 && !browser && !locale && facts.length === 0 && !claimed) return null;
	const shown = all ? seen : seen.slice(0, PAGES);
	return (
		<section class="side-part" aria-label="Where the customer is">
			<h3>{here ? "Where they are" : "Where they were"}</h3>
			{shown.length > 0 && (
				<ol class="side-pages">
					{shown.map((one, at) => (
						<li key={one.seen_at}>
							<PageLink page={one} />
							<span class="side-when">{here && at === 0 ? "now" : ago(one.seen_at, now)}</span>
						</li>
					))}
				</ol>
			)}
			{seen.length > shown.length && (
				<button type="button" class="link" onClick={() => setAll(true)}>
					{seen.length - shown.length} more<span class="unseen"> pages</span>
				</button>
			)}
			<dl>
				{pages.length > 0 && began && (
					<Fact name="Began on">
						<PageLink page={began} />
					</Fact>
				)}
				{page.referrer && <Fact name="Came from">{hostOf(page.referrer)}</Fact>}
				{browser?.name && <Fact name="Browser">{browser.name}</Fact>}
				{browser?.os && <Fact name="System">{browser.os}</Fact>}
				{locale && <Fact name="Language">{languageName(locale)}</Fact>}
				{claimed && (
					<Fact name="Claimed id">
						<bdi>{claimed}</bdi>
					</Fact>
				)}
				{facts.map(([name, value]) => (
					<Fact key={name} name={name}>
						<bdi>{value}</bdi>
					</Fact>
				))}
			</dl>
		</section>
	);
}

/** To the page itself, in another tab: only what is one, whoever said it. */
function PageLink({ page: { url, title } }: { page: SeenPage }) {
	const words = title || pathOf(url);
	if (!/^https?:\/\//i.test(url)) return <bdi>{words}</bdi>;
	return (
		<a href={url} title={url} target="_blank" rel="noopener noreferrer" dir="auto">
			{words}
		</a>
	);
}

function pathOf(url: string): string {
	try {
		const { host, pathname } = new URL(url);
		return pathname === "/" ? host : pathname;
	} catch {
		return url;
	}
}

function hostOf(url: string): string {
	try {
		return new URL(url).host;
	} catch {
		return url;
	}
}

export function languageName(tag: string): string {
	try {
		return new Intl.DisplayNames("en", { type: "language" }).of(tag) ?? tag;
	} catch {
		return tag;
	}
}

/** The customer's other chats, the newest first. */
export function Earlier({ desk, summary }: Props) {
	const now = useNow(60_000);
	const [limit, setLimit] = useState(CHATS);
	const path = `/sessions/${summary.id}/related?limit=${limit}`;
	const turn = `${summary.status} ${summary.previous_session_id} ${summary.next_session_id}`;
	const found = useAnswer<Page<SessionSummary>>(desk, path, turn);
	if (!found || found.total === 0) return null;
	const more = found.total - found.items.length;
	return (
		<section class="side-part" aria-label="Other chats of this customer">
			<h3>
				Other chats <span class="count">{found.total}</span>
			</h3>
			<ul class="side-links">
				{found.items.map((one) => (
					<li key={one.id} class="side-chat">
						<ChatLink desk={desk} id={one.id}>
							<span dir="auto">{one.subject || one.last_message?.preview || `Chat #${one.number}`}</span>
						</ChatLink>
						<span class="side-when">
							<StatusRing status={one.status} />
							{STATUS_WORDS[one.status]} · #{one.number} · {dayAndClock(one.created_at, now)}
							{one.rating && ` · rated ${one.rating.score} of 5`}
						</span>
					</li>
				))}
			</ul>
			{more > 0 &&
				(limit === CHATS ? (
					<button type="button" class="link" onClick={() => setLimit(ALL_CHATS)}>
						{more} more<span class="unseen"> chats</span>
					</button>
				) : (
					<p>and {more} more</p>
				))}
		</section>
	);
}

import type { ComponentChildren, JSX } from "preact";
import type { ViewName } from "../../protocol/types.js";
import { AtIcon, ClockIcon, InboxIcon, LayersIcon, MoonIcon, PeopleIcon } from "../../ui/icons.js";
import { VIEW_WORDS } from "../names.js";
import { type ListView, pathOf, VIEWS } from "../router.js";
import type { Desk } from "./desk.js";

const ICONS: Readonly<Record<ViewName, () => JSX.Element>> = {
	waiting: () => <ClockIcon />,
	mine: () => <InboxIcon />,
	unassigned: () => <PeopleIcon />,
	snoozed: () => <MoonIcon />,
	mentions: () => <AtIcon />,
	all: () => <LayersIcon />,
};

interface ListLinkProps {
	readonly desk: Desk;
	readonly view: ListView;
	readonly name: string;
	readonly icon: JSX.Element;
	readonly count: ComponentChildren;
	readonly unread?: boolean;
	/** It takes the focus of the rail. */
	readonly pane?: boolean;
	/** One has gone there. */
	readonly onGone?: () => void;
}

/** To a list. */
export function ListLink(props: ListLinkProps) {
	const { desk, view, name, icon, count, unread = false, pane = false, onGone } = props;
	const { view: here, settings } = desk.router.place.value;
	const current = settings === null && view === here;
	return (
		<a
			class={unread ? "view unread" : "view"}
			href={pathOf({ view, session: null, settings: null })}
			aria-current={current ? "page" : undefined}
			{...(pane && current ? { "data-pane": "rail" } : {})}
			title={name}
			onClick={(event) => {
				if (event.ctrlKey || event.metaKey || event.shiftKey) return;
				event.preventDefault();
				desk.router.go({ view });
				onGone?.();
			}}
		>
			{icon}
			<span class="view-name" dir="auto">
				{name}
			</span>
			<span class="view-count">{count}</span>
		</a>
	);
}

/** To a list that everybody has. */
export function NamedLink({
	desk,
	view,
	...rest
}: Pick<ListLinkProps, "desk" | "pane" | "onGone"> & { view: ViewName }) {
	const { total, sessions } = desk.lists[view].value;
	return (
		<ListLink
			{...rest}
			desk={desk}
			view={view}
			name={VIEW_WORDS[view]}
			icon={ICONS[view]()}
			count={total === 0 ? "" : total}
			unread={sessions.some((session) => session.unread > 0)}
		/>
	);
}

/** Those for which the bottom of a narrow page has no room. */
export const BEHIND: readonly ViewName[] = ["snoozed", "mentions"];

/** The lists that everybody has: in the rail, and at the bottom of a narrow page as many as there is room for. */
export function ViewLinks({ desk, narrow = false }: { desk: Desk; narrow?: boolean }) {
	return (
		<nav class="views" aria-label="Lists">
			{VIEWS.map((view) => {
				if (narrow && BEHIND.includes(view)) return null;
				return <NamedLink key={view} desk={desk} view={view} pane={!narrow} />;
			})}
		</nav>
	);
}

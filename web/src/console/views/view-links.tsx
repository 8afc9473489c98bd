import { useState } from "preact/hooks";
import type { SavedView } from "../../protocol/types.js";
import { PlusIcon, ViewsIcon } from "../../ui/icons.js";
import { initials } from "../../ui/initials.js";
import type { Desk } from "../desk/desk.js";
import { BEHIND, ListLink, NamedLink } from "../desk/list-links.js";
import { Frame } from "../desk/modal.js";
import { isViewName, pathOf } from "../router.js";
import { knownViews } from "./views.js";

const WHAT = "A view is a list of your own making: the chats with a tag, say, or those of a team.";

/** Saved views in the rail, everybody's first. */
export function SavedLinks({ desk }: { desk: Desk }) {
	return (
		<nav class="views saved" aria-label="Views" data-views>
			<div class="saved-head">
				<a
					class="saved-title"
					href={pathOf({ view: "mine", session: null, settings: "views" })}
					title="All views: to change, order and delete them"
					onClick={(event) => {
						if (event.ctrlKey || event.metaKey || event.shiftKey) return;
						event.preventDefault();
						desk.router.go({ settings: "views" });
					}}
				>
					Views
				</a>
				<button
					type="button"
					class="icon-button"
					aria-label="New view"
					title="New view"
					onClick={() => desk.router.go({ settings: "views/new" })}
				>
					<PlusIcon size={16} />
				</button>
			</div>
			<Links desk={desk} pane />
		</nav>
	);
}

/** Saved views on a narrow page, and what else there is no room for: behind a button. */
export function ViewsButton({ desk }: { desk: Desk }) {
	const [shown, setShown] = useState(false);
	const { view, settings } = desk.router.place.value;
	const here = settings === null && (!isViewName(view) || BEHIND.includes(view));
	const go = (to: string) => {
		setShown(false);
		desk.router.go({ settings: to });
	};
	return (
		<>
			<button
				type="button"
				class="view"
				aria-haspopup="dialog"
				aria-current={here ? "page" : undefined}
				onClick={() => setShown(true)}
			>
				<ViewsIcon />
				<span class="view-name">Views</span>
			</button>
			{shown && (
				<Frame title="Views" onCancel={() => setShown(false)}>
					<nav class="modal-body view-choice" aria-label="Views">
						{BEHIND.map((view) => (
							<NamedLink key={view} desk={desk} view={view} onGone={() => setShown(false)} />
						))}
						<Links desk={desk} onGone={() => setShown(false)} />
					</nav>
					<div class="modal-acts">
						<button type="button" class="button quiet" onClick={() => go("views")}>
							Change views
						</button>
						<button type="button" class="button quiet" onClick={() => go("views/new")}>
							New view
						</button>
						<button type="button" class="button outline" onClick={() => setShown(false)} autofocus>
							Close
						</button>
					</div>
				</Frame>
			)}
		</>
	);
}

function Links({ desk, ...rest }: { desk: Desk; pane?: boolean; onGone?: () => void }) {
	const all = knownViews(desk.views);
	if (all?.length === 0) return <p class="saved-none">{WHAT}</p>;
	return (
		<>
			{all?.map((view) => (
				<SavedLink key={view.id} {...rest} desk={desk} view={view} />
			))}
		</>
	);
}

function SavedLink({
	desk,
	view,
	...rest
}: {
	desk: Desk;
	view: SavedView;
	pane?: boolean;
	onGone?: () => void;
}) {
	const total = desk.views.totals.value.get(view.id);
	const shared = view.owner_id === null;
	return (
		<ListLink
			{...rest}
			desk={desk}
			view={view.id}
			name={view.name}
			icon={
				<span class={shared ? "view-letters shared" : "view-letters"} aria-hidden="true">
					{[...(initials(view.name) || view.name)][0]}
				</span>
			}
			count={countWords(total)}
		/>
	);
}

/** "", "12", "99+" */
const countWords = (total: number | undefined): string =>
	total === undefined ? "" : total > 99 ? "99+" : String(total);

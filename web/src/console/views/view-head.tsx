import { HttpError } from "../../client/index.js";
import type { SavedView } from "../../protocol/types.js";
import { MoreIcon } from "../../ui/icons.js";
import type { Desk } from "../desk/desk.js";
import { MenuButton } from "../desk/menu-button.js";
import { HOME } from "../router.js";
import { kindOf, knownViews, mayChange } from "./views.js";

/** What can be done to a view, at the head of its list. */
export function ViewMenu({ desk, view }: { desk: Desk; view: SavedView }) {
	if (!mayChange(view, desk.me)) return null;
	const kind = kindOf(knownViews(desk.views) ?? [], view);
	const at = kind.findIndex(({ id }) => id === view.id);
	const move = (words: string, by: 1 | -1) => ({ words, run: () => void moveView(desk, view, by) });
	return (
		<MenuButton
			label={`Actions for ${view.name}`}
			title="Edit, move or delete this view"
			items={[
				{ words: "Edit view", key: "E", run: () => desk.router.go({ settings: `views/${view.id}` }) },
				...(at > 0 ? [move("Move up", -1)] : []),
				...(at < kind.length - 1 ? [move("Move down", 1)] : []),
				{ words: "Change all views", run: () => desk.router.go({ settings: "views" }) },
			]}
		>
			<MoreIcon size={16} />
		</MenuButton>
	);
}

/** Moves it, and says so. */
export async function moveView(desk: Desk, view: SavedView, by: 1 | -1): Promise<void> {
	const place = await desk.views.move(view, by);
	if (place instanceof HttpError) desk.tell(`Nothing was changed. ${place.message}`);
	else if (place !== null) desk.tell(`${view.name} is number ${place} now`);
}

/** Whose it is, where one cannot change it. */
export function ViewHint({ desk, view }: { desk: Desk; view: SavedView }) {
	if (mayChange(view, desk.me)) return null;
	return <p class="view-hint">Everybody’s view. Supervisors and admins change it.</p>;
}

/** In place of its list, where there is none. */
export function NoView({ desk }: { desk: Desk }) {
	const { state } = desk.views.all.now.value;
	if (state === "asking") return null;
	return (
		<div class="nothing" role="status">
			<h1>{state === "failed" ? "The views could not be loaded." : "This view is not here."}</h1>
			<p>
				{state === "failed"
					? "The server did not tell which there are."
					: "It was deleted, or is not open to you any more."}
			</p>
			{state === "failed" && (
				<button type="button" class="button outline" onClick={() => void desk.views.all.refresh()}>
					Try again
				</button>
			)}
			<button type="button" class="button outline" onClick={() => desk.router.go({ view: HOME })}>
				Back to Mine
			</button>
		</div>
	);
}

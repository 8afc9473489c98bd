import "../../styles/automation.css";
import "../../styles/views.css";

import type { SavedView } from "../../../protocol/types.js";
import { PlusIcon } from "../../../ui/icons.js";
import type { Names } from "../../automation/action-words.js";
import { moveView } from "../../views/view-head.js";
import { mayChange } from "../../views/views.js";
import { MoveButton } from "../automation/actions-field.js";
import { useNames } from "../automation/use-names.js";
import { Known, PageHead, Part, SettingsLink } from "../page.js";
import type { SectionProps } from "../sections.js";
import { filterWords } from "./view-form.js";
import { ViewPage } from "./view-page.js";

/** The saved views, or one of them. */
export function ViewsPage(props: SectionProps) {
	return props.rest === "" ? <ViewList {...props} /> : <ViewPage {...props} />;
}

function ViewList({ desk, workspace }: SectionProps) {
	const { names } = useNames(workspace);
	const leads = desk.me.role !== "agent";
	return (
		<>
			<PageHead
				desk={desk}
				title="Views"
				lead="Lists of your own making: the chats with a tag, say, or those of a team. They stand beside the other lists, each with how many chats it has."
			>
				<SettingsLink router={desk.router} to="views/new" class="button main">
					<PlusIcon size={16} />
					New view
				</SettingsLink>
			</PageHead>
			<Known of={desk.views.all}>
				{(all) => (
					<>
						<Part id="views-own" title="Yours">
							<Rows
								desk={desk}
								names={names}
								views={all.filter(({ owner_id }) => owner_id !== null)}
								none="You have none yet. Nobody but you has those that you make here."
							/>
						</Part>
						<Part id="views-shared" title="Everybody’s">
							<Rows
								desk={desk}
								names={names}
								views={all.filter(({ owner_id }) => owner_id === null)}
								none={
									leads
										? "There is none yet. A view can be made for everybody."
										: "There is none yet. Supervisors make them."
								}
							/>
						</Part>
					</>
				)}
			</Known>
		</>
	);
}

interface RowsProps extends Pick<SectionProps, "desk"> {
	readonly views: readonly SavedView[];
	readonly names: Names;
	readonly none: string;
}

function Rows({ desk, views, names, none }: RowsProps) {
	if (views.length === 0) return <p class="part-lead">{none}</p>;
	const move = (view: SavedView, by: 1 | -1) => {
		const focused = document.activeElement;
		void moveView(desk, view, by);
		// To move a row takes the focus from it.
		requestAnimationFrame(() => focused instanceof HTMLElement && focused.focus());
	};
	return (
		<ol class="rows view-rows">
			{views.map((view, at) => {
				const able = mayChange(view, desk.me);
				const words = (
					<span class="row-main">
						<strong dir="auto">{view.name}</strong>
						<span dir="auto">{filterWords(view.filter, names)}</span>
					</span>
				);
				if (!able) {
					return (
						<li class="row-line" key={view.id}>
							{words}
						</li>
					);
				}
				return (
					<li
						class="row-line view-row"
						key={view.id}
						onKeyDown={(event) => {
							if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
							event.preventDefault();
							move(view, event.key === "ArrowUp" ? -1 : 1);
						}}
					>
						<SettingsLink router={desk.router} to={`views/${view.id}`} class="row-line grow">
							{words}
						</SettingsLink>
						<span class="row-acts">
							<MoveButton name={view.name} by={-1} able={at > 0} onMove={() => move(view, -1)} />
							<MoveButton name={view.name} by={1} able={at < views.length - 1} onMove={() => move(view, 1)} />
						</span>
					</li>
				);
			})}
		</ol>
	);
}

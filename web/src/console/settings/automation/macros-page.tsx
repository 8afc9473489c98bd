import "../../styles/automation.css";

import type { Macro } from "../../../protocol/types.js";
import { PlusIcon } from "../../../ui/icons.js";
import { actionsWords, capital, type Names } from "../../automation/action-words.js";
import { Known, PageHead, Part, SettingsLink } from "../page.js";
import type { SectionProps } from "../sections.js";
import { MacroPage } from "./macro-page.js";
import { useNames } from "./use-names.js";

/** The macros, or one of them. */
export function MacrosPage(props: SectionProps) {
	return props.rest === "" ? <MacroList {...props} /> : <MacroPage {...props} />;
}

function MacroList({ desk, workspace }: SectionProps) {
	const { names } = useNames(workspace);
	const leads = desk.me.role !== "agent";
	return (
		<>
			<PageHead
				desk={desk}
				title="Macros"
				lead="Several things at once, in one step: answer, tag and resolve, say. Run one in a chat with P."
			>
				<SettingsLink router={desk.router} to="macros/new" class="button main">
					<PlusIcon size={16} />
					New macro
				</SettingsLink>
			</PageHead>
			<Known of={workspace.macros}>
				{(all) => {
					const shared = all.filter(({ owner_id }) => owner_id === null);
					const own = all.filter(({ owner_id }) => owner_id !== null);
					return (
						<>
							<Part id="macros-own" title="Yours">
								<Macros
									desk={desk}
									macros={own}
									names={names}
									linked
									none="You have none yet. Nobody but you sees those that you make here."
								/>
							</Part>
							<Part id="macros-shared" title="Everybody’s">
								<Macros
									desk={desk}
									macros={shared}
									names={names}
									linked={leads}
									none={
										leads
											? "There is none yet. A macro can be made for everybody."
											: "There is none yet. Supervisors make them."
									}
								/>
							</Part>
						</>
					);
				}}
			</Known>
		</>
	);
}

function Macros({
	desk,
	macros,
	names,
	linked,
	none,
}: Pick<SectionProps, "desk"> & {
	macros: readonly Macro[];
	names: Names;
	/** They can be changed. */
	linked: boolean;
	none: string;
}) {
	if (macros.length === 0) return <p class="part-lead">{none}</p>;
	return (
		<ul class="rows">
			{[...macros]
				.sort((a, b) => a.name.localeCompare(b.name))
				.map((one) => {
					const words = (
						<span class="row-main">
							<strong dir="auto">{one.name}</strong>
							<span dir="auto">{capital(actionsWords(one.actions, names))}</span>
						</span>
					);
					return (
						<li key={one.id}>
							{linked ? (
								<SettingsLink router={desk.router} to={`macros/${one.id}`} class="row-line">
									{words}
								</SettingsLink>
							) : (
								<div class="row-line">{words}</div>
							)}
						</li>
					);
				})}
		</ul>
	);
}

import { useState } from "preact/hooks";
import type { Team } from "../../../protocol/types.js";
import { PlusIcon } from "../../../ui/icons.js";
import { Known, PageHead, SettingsLink } from "../page.js";
import type { SectionProps } from "../sections.js";
import { NameDialog } from "./name-dialog.js";
import { TeamPage } from "./team-page.js";

/** The teams, or one of them. */
export function TeamsPage(props: SectionProps) {
	return props.rest === "" ? <TeamList {...props} /> : <TeamPage {...props} />;
}

/** "1 member", "4 members" */
export const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? "" : "s"}`;

function TeamList({ desk, workspace }: SectionProps) {
	const [making, setMaking] = useState(false);
	return (
		<>
			<PageHead desk={desk} title="Teams" lead="Who answers together. Somebody can be in several.">
				<button type="button" class="button main" onClick={() => setMaking(true)}>
					<PlusIcon size={16} />
					New team
				</button>
			</PageHead>
			<Known of={workspace.teams}>
				{(teams) =>
					teams.length === 0 ? (
						<p class="part-lead">There is no team yet. Make one, then choose who is in it.</p>
					) : (
						<ul class="rows">
							{[...teams]
								.sort((a, b) => a.name.localeCompare(b.name))
								.map(({ id, name, members }) => (
									<li key={id}>
										<SettingsLink router={desk.router} to={`teams/${id}`} class="row-line">
											<span class="row-main">
												<strong dir="auto">{name}</strong>
												<span>{counted(members.length, "member")}</span>
											</span>
										</SettingsLink>
									</li>
								))}
						</ul>
					)
				}
			</Known>
			{making && (
				<NameDialog
					title="New team"
					verb="Make team"
					doing="Making it"
					send={async (name) => {
						const team = await workspace.http.post<Team>("/teams", { name });
						workspace.keep(workspace.teams, team);
						desk.router.go({ settings: `teams/${team.id}` });
					}}
					onDone={() => setMaking(false)}
				/>
			)}
		</>
	);
}

import type { Agent, Team } from "../../../protocol/types.js";
import { DeletePart } from "../delete-part.js";
import { Checks, TextField } from "../fields.js";
import { useForm } from "../form.js";
import { Known, NotHere, PageForm, PageHead } from "../page.js";
import type { SectionProps } from "../sections.js";

const BACK = { to: "teams", name: "Teams" };

/** A team: its name, and who is in it. */
export function TeamPage({ desk, workspace, rest }: SectionProps) {
	return (
		<Known of={workspace.teams}>
			{(teams) => {
				const team = teams.find(({ id }) => id === rest);
				if (!team) return <NotHere desk={desk} back={BACK} />;
				return (
					<>
						<PageHead desk={desk} title={team.name} back={BACK} />
						<Known of={workspace.agents}>
							{(agents) => <TeamForm desk={desk} workspace={workspace} team={team} agents={agents} />}
						</Known>
						<DeletePart
							desk={desk}
							what="team"
							name={team.name}
							help="Its members stay, in their other teams."
							to="teams"
							done="Team deleted"
							remove={() => workspace.http.delete(`/teams/${team.id}`)}
							onGone={() => workspace.drop(workspace.teams, team.id)}
						>
							It is taken from everybody who is in it.
						</DeletePart>
					</>
				);
			}}
		</Known>
	);
}

function TeamForm({
	desk,
	workspace,
	team,
	agents,
}: Pick<SectionProps, "desk" | "workspace"> & { team: Team; agents: readonly Agent[] }) {
	const form = useForm(
		{ name: team.name, members: team.members },
		async (changed) => {
			workspace.keep(workspace.teams, await workspace.http.patch<Team>(`/teams/${team.id}`, changed));
		},
		{ unique: "name" },
	);
	const { values, set } = form;
	const able = agents.filter(({ id, disabled }) => !disabled || team.members.includes(id));
	const options = able
		.map(({ id, name, disabled }) => [id, disabled ? `${name} (disabled)` : name] as const)
		.sort(([, a], [, b]) => a.localeCompare(b));
	return (
		<PageForm desk={desk} form={form} name="Team">
			<TextField
				id="team-name"
				label="Name"
				value={values.name}
				error={form.at("name", "The name")}
				onValue={(name) => set({ name })}
			/>
			<Checks
				id="team-members"
				label="Members"
				options={options}
				none="There is nobody yet."
				value={values.members}
				error={form.at("members", "The list")}
				onValue={(members) => set({ members })}
			/>
		</PageForm>
	);
}

import { useState } from "preact/hooks";
import { HttpError } from "../../../client/index.js";
import type { Agent, Team } from "../../../protocol/types.js";
import { Modal } from "../../desk/modal.js";
import { Checks, TextField } from "../fields.js";
import { useForm } from "../form.js";
import { Known, NotHere, PageForm, PageHead, Part } from "../page.js";
import type { SectionProps } from "../sections.js";

const BACK = { to: "teams", name: "Teams" };

/** A team: its name, and who is in it. */
export function TeamPage({ desk, workspace, rest }: SectionProps) {
	const [asked, setAsked] = useState(false);
	const remove = async (team: Team) => {
		setAsked(false);
		try {
			await workspace.http.delete(`/teams/${team.id}`);
		} catch (error) {
			if (!(error instanceof HttpError)) throw error;
			// Gone already is what was asked for.
			if (error.status !== 404) {
				desk.tell(error.message);
				return;
			}
		}
		workspace.drop(workspace.teams, team.id);
		desk.tell("Team deleted");
		// Once its form is gone: what was written in it is of no use any more.
		requestAnimationFrame(() => desk.router.go({ settings: "teams" }, { replace: true }));
	};
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
						<Part id="team-delete" title="Delete">
							<div class="part-row">
								<div>
									<h3>Delete this team</h3>
									<p>Its members stay, in their other teams.</p>
								</div>
								<button type="button" class="button outline" onClick={() => setAsked(true)}>
									Delete team
								</button>
							</div>
						</Part>
						{asked && (
							<Modal
								title={`Delete the team ${team.name}?`}
								safe="Keep it"
								verb="Delete team"
								onSafe={() => setAsked(false)}
								onVerb={() => void remove(team)}
							>
								It is taken from everybody who is in it.
							</Modal>
						)}
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

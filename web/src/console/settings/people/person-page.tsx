import type { Agent } from "../../../protocol/types.js";
import { ROLE_WORDS } from "../../names.js";
import { languageName } from "../languages.js";
import { Known, NotHere, PageHead } from "../page.js";
import type { SectionProps } from "../sections.js";
import { Access } from "./access.js";
import { LinkNotice } from "./link-notice.js";
import { stateOf } from "./people-page.js";
import { PersonForm, SkillsForm } from "./person-form.js";

const BACK = { to: "people", name: "People" };

/** One of the team: admins change them, supervisors their skills. */
export function PersonPage(props: SectionProps) {
	const { desk, workspace, rest } = props;
	return (
		<Known of={workspace.agents}>
			{(agents) => {
				const agent = agents.find(({ id }) => id === rest);
				if (!agent) return <NotHere desk={desk} back={BACK} />;
				const admin = desk.me.role === "admin";
				return (
					<>
						<PageHead
							desk={desk}
							title={agent.name}
							{...leadOf(agent, agent.id === desk.me.id)}
							back={BACK}
						/>
						<LinkNotice desk={desk} workspace={workspace} agent={agent} />
						{!admin && <Facts agent={agent} />}
						<Known of={workspace.skills}>
							{(skills) =>
								admin ? (
									<Known of={workspace.teams}>
										{(teams) => (
											<PersonForm
												desk={desk}
												workspace={workspace}
												agent={agent}
												teams={teams}
												skills={skills}
											/>
										)}
									</Known>
								) : (
									<SkillsForm desk={desk} workspace={workspace} agent={agent} skills={skills} />
								)
							}
						</Known>
						{admin && agent.id !== desk.me.id && <Access desk={desk} workspace={workspace} agent={agent} />}
					</>
				);
			}}
		</Known>
	);
}

const STATES = {
	Active: "Active",
	Invited: "Invited: no password was chosen yet.",
	Disabled: "Disabled: cannot sign in.",
} as const;

function leadOf(agent: Agent, me: boolean): { lead?: string } {
	if (me) return { lead: "This is you." };
	const state = stateOf(agent);
	return state ? { lead: STATES[state] } : {};
}

/** What is read, where it is not for us to change. */
function Facts({ agent }: { agent: Agent }) {
	const facts: readonly (readonly [name: string, value: string])[] = [
		["Role", ROLE_WORDS[agent.role]],
		["Teams", agent.teams.map(({ name }) => name).join(", ") || "None"],
		["Chats at a time", String(agent.max_chats)],
		["Languages", agent.languages.map(languageName).join(", ") || "None named"],
	];
	return (
		<dl class="facts">
			{facts.map(([name, value]) => (
				<div key={name}>
					<dt>{name}</dt>
					<dd dir="auto">{value}</dd>
				</div>
			))}
		</dl>
	);
}

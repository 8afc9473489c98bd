import type { Agent, Skill, Team } from "../../../protocol/types.js";
import { refused } from "../faults.js";
import { Checks, Segments, TextField } from "../fields.js";
import { useForm } from "../form.js";
import { LanguagesField } from "../languages-field.js";
import { PageForm } from "../page.js";
import type { SectionProps } from "../sections.js";
import { ROLE_MEANS, ROLES } from "./roles.js";
import { SkillsField } from "./skills-field.js";

type Props = Pick<SectionProps, "desk" | "workspace"> & { agent: Agent; skills: readonly Skill[] };

const skillsOf = (agent: Agent) => agent.skills.map(({ id, level }) => ({ skill: id, level }));

/** What admins change of a member. */
export function PersonForm({ desk, workspace, agent, teams, skills }: Props & { teams: readonly Team[] }) {
	const base = {
		name: agent.name,
		email: agent.email ?? "",
		role: agent.role,
		max_chats: String(agent.max_chats),
		languages: agent.languages,
		teams: agent.teams.map(({ id }) => id),
		skills: skillsOf(agent),
	};
	const form = useForm(
		base,
		async ({ skills: set, max_chats, ...rest }) => {
			const edit = { ...rest, ...(max_chats === undefined ? {} : { max_chats: numberOf(max_chats) }) };
			if (Object.keys(edit).length > 0) await workspace.editAgent(agent.id, edit);
			if (set) await workspace.setSkills(agent.id, set);
		},
		{ unique: "email" },
	);
	const { values, set } = form;
	return (
		<PageForm desk={desk} form={form} name="Person">
			<TextField
				id="person-name"
				label="Name"
				value={values.name}
				error={form.at("name", "The name")}
				onValue={(name) => set({ name })}
			/>
			<TextField
				id="person-email"
				label="E-mail"
				type="email"
				help="The name to sign in with."
				value={values.email}
				error={form.at("email", "The address")}
				onValue={(email) => set({ email })}
			/>
			<Segments
				id="person-role"
				label="Role"
				help={
					values.role === agent.role
						? ROLE_MEANS[values.role]
						: `${ROLE_MEANS[values.role]} ${agent.id === desk.me.id ? "You are" : "They are"} signed out by the change.`
				}
				value={values.role}
				options={ROLES}
				error={form.at("role", "The role")}
				onValue={(role) => set({ role })}
			/>
			<TextField
				id="person-chats"
				label="Chats at a time"
				inputMode="numeric"
				help="As many are given to them, 0 to 100. With 0 they are given none."
				value={values.max_chats}
				error={form.at("max_chats", "This")}
				onValue={(max_chats) => set({ max_chats })}
			/>
			<LanguagesField
				id="person-languages"
				value={values.languages}
				error={form.at("languages", "The list")}
				onValue={(languages) => set({ languages })}
			/>
			<Checks
				id="person-teams"
				label="Teams"
				options={teams.map(({ id, name }) => [id, name] as const)}
				none="There is no team yet."
				value={values.teams}
				error={form.at("teams", "A team")}
				onValue={(chosen) => set({ teams: chosen })}
			/>
			<SkillsField
				skills={skills}
				value={values.skills}
				error={form.at("skills", "A skill")}
				onValue={(chosen) => set({ skills: chosen })}
			/>
		</PageForm>
	);
}

/** What supervisors change of a member. */
export function SkillsForm({ desk, workspace, agent, skills }: Props) {
	const form = useForm({ skills: skillsOf(agent) }, async (_, values) => {
		await workspace.setSkills(agent.id, values.skills);
	});
	return (
		<PageForm desk={desk} form={form} name="Skills">
			<SkillsField
				skills={skills}
				value={form.values.skills}
				error={form.at("skills", "A skill")}
				onValue={(chosen) => form.set({ skills: chosen })}
			/>
		</PageForm>
	);
}

/** The server says what a number may be; what is none, it would not understand. */
function numberOf(text: string): number {
	const word = text.trim();
	if (!/^\d{1,4}$/.test(word)) throw refused("max_chats", "must be a number from 0 to 100");
	return Number(word);
}

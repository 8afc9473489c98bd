import { useState } from "preact/hooks";
import type { Agent } from "../../../protocol/types.js";
import { Avatar } from "../../../ui/avatar.js";
import { PlusIcon } from "../../../ui/icons.js";
import { ROLE_WORDS } from "../../names.js";
import { holds } from "../../ticket/colleagues.js";
import { Known, PageHead, SettingsLink } from "../page.js";
import type { SectionProps } from "../sections.js";
import { InviteDialog } from "./invite-dialog.js";
import { PersonPage } from "./person-page.js";

/** The team, or one of it. */
export function PeoplePage(props: SectionProps) {
	return props.rest === "" ? <PeopleList {...props} /> : <PersonPage {...props} />;
}

function PeopleList({ desk, workspace }: SectionProps) {
	const [inviting, setInviting] = useState(false);
	const [looked, setLooked] = useState("");
	const admin = desk.me.role === "admin";
	return (
		<>
			<PageHead desk={desk} title="People">
				{admin && (
					<button type="button" class="button main" onClick={() => setInviting(true)}>
						<PlusIcon size={16} />
						Invite
					</button>
				)}
			</PageHead>
			<Known of={workspace.agents}>
				{(agents) => {
					const shown = inOrder(agents).filter(
						({ name, email = "" }) => holds(name, looked) || holds(email, looked),
					);
					return (
						<>
							<input
								class="text-field search"
								type="search"
								dir="auto"
								aria-label="Find a person"
								placeholder={admin ? "Find by name or e-mail" : "Find by name"}
								value={looked}
								onInput={(event) => setLooked(event.currentTarget.value)}
							/>
							<p class="unseen" role="status">
								{looked.trim() === "" ? "" : `${shown.length} found`}
							</p>
							<ul class="rows">
								{shown.map((agent) => (
									<Person key={agent.id} desk={desk} agent={agent} />
								))}
							</ul>
							{shown.length === 0 && <p class="part-lead">Nobody found for “{looked.trim()}”.</p>}
							{agents.length === 1 && admin && (
								<p class="part-lead">
									Only you so far. Whoever you invite gets a link by which they choose a password.
								</p>
							)}
						</>
					);
				}}
			</Known>
			{inviting && (
				<InviteDialog
					workspace={workspace}
					onCancel={() => setInviting(false)}
					onDone={({ id }) => desk.router.go({ settings: `people/${id}` })}
				/>
			)}
		</>
	);
}

/** By name, and last those who are shut out. */
const inOrder = (agents: readonly Agent[]): readonly Agent[] =>
	[...agents].sort((a, b) => Number(a.disabled) - Number(b.disabled) || a.name.localeCompare(b.name));

/** What somebody is to the workspace; null: only admins are told whether they were more than invited. */
export function stateOf({ disabled, invited }: Agent): "Active" | "Invited" | "Disabled" | null {
	if (disabled) return "Disabled";
	if (invited === undefined) return null;
	return invited ? "Invited" : "Active";
}

function Person({ desk, agent }: { desk: SectionProps["desk"]; agent: Agent }) {
	const state = stateOf(agent);
	const teams = agent.teams.map(({ name }) => name).join(", ");
	return (
		<li>
			<SettingsLink router={desk.router} to={`people/${agent.id}`} class="row-line person-line">
				<Avatar id={agent.id} name={agent.name} size={36} />
				<span class="row-main">
					<strong dir="auto">{agent.name}</strong>
					{agent.email && <bdi>{agent.email}</bdi>}
				</span>
				<span class="cells">
					<span class="cell">{ROLE_WORDS[agent.role]}</span>
					<span class="cell wide" dir="auto">
						{teams || "No team"}
					</span>
					{agent.second_factor !== undefined && (
						<span class="cell">{agent.second_factor ? "Second factor" : "Password only"}</span>
					)}
					{state && (
						<span class={state === "Active" ? "cell" : `cell state ${state.toLowerCase()}`}>{state}</span>
					)}
				</span>
			</SettingsLink>
		</li>
	);
}

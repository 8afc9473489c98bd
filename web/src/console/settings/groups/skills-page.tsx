import { useState } from "preact/hooks";
import { HttpError } from "../../../client/index.js";
import type { Skill } from "../../../protocol/types.js";
import { PlusIcon } from "../../../ui/icons.js";
import { Modal } from "../../desk/modal.js";
import { Known, keepFocus, PageHead } from "../page.js";
import type { SectionProps } from "../sections.js";
import { NameDialog } from "./name-dialog.js";
import { counted } from "./teams-page.js";

/** The skills: what somebody can have, each with how well. */
export function SkillsPage({ desk, workspace }: SectionProps) {
	const [making, setMaking] = useState(false);
	const [renamed, setRenamed] = useState<Skill | null>(null);
	const [deleted, setDeleted] = useState<Skill | null>(null);
	const keep = (skill: Skill) => workspace.keep(workspace.skills, skill);
	const remove = async ({ id }: Skill) => {
		setDeleted(null);
		try {
			await workspace.http.delete(`/skills/${id}`);
		} catch (error) {
			if (!(error instanceof HttpError)) throw error;
			// Gone already is what was asked for.
			if (error.status !== 404) {
				desk.tell(error.message);
				return;
			}
		}
		workspace.drop(workspace.skills, id);
		desk.tell("Skill deleted");
		keepFocus();
	};
	return (
		<>
			<PageHead
				desk={desk}
				title="Skills"
				lead="What somebody knows, or does well. Who has which is said on their page in People."
			>
				<button type="button" class="button main" onClick={() => setMaking(true)}>
					<PlusIcon size={16} />
					New skill
				</button>
			</PageHead>
			<Known of={workspace.skills}>
				{(skills) =>
					skills.length === 0 ? (
						<p class="part-lead">There is no skill yet.</p>
					) : (
						<ul class="rows">
							{[...skills]
								.sort((a, b) => a.name.localeCompare(b.name))
								.map((skill) => (
									<li class="row-line" key={skill.id}>
										<span class="row-main">
											<strong dir="auto">{skill.name}</strong>
											<span>{skill.agents === 0 ? "Nobody has it" : counted(skill.agents, "agent")}</span>
										</span>
										<button
											type="button"
											class="button outline small"
											aria-label={`Rename ${skill.name}`}
											onClick={() => setRenamed(skill)}
										>
											Rename
										</button>
										<button
											type="button"
											class="button outline small"
											aria-label={`Delete ${skill.name}`}
											onClick={() => setDeleted(skill)}
										>
											Delete
										</button>
									</li>
								))}
						</ul>
					)
				}
			</Known>
			{making && (
				<NameDialog
					title="New skill"
					verb="Make skill"
					doing="Making it"
					send={async (name) => keep(await workspace.http.post<Skill>("/skills", { name }))}
					onDone={() => setMaking(false)}
				/>
			)}
			{renamed && (
				<NameDialog
					title={`Rename ${renamed.name}`}
					verb="Rename"
					doing="Renaming"
					initial={renamed.name}
					send={async (name) => keep(await workspace.http.patch<Skill>(`/skills/${renamed.id}`, { name }))}
					onDone={() => setRenamed(null)}
				/>
			)}
			{deleted && (
				<Modal
					title={`Delete the skill ${deleted.name}?`}
					safe="Keep it"
					verb="Delete skill"
					onSafe={() => setDeleted(null)}
					onVerb={() => void remove(deleted)}
				>
					It is taken from everybody who has it.
				</Modal>
			)}
		</>
	);
}

import { useEffect } from "preact/hooks";
import { HttpError } from "../../../client/index.js";
import type { SlaPolicy } from "../../../protocol/types.js";
import { PlusIcon } from "../../../ui/icons.js";
import { Known, PageHead, SettingsLink } from "../page.js";
import type { SectionProps } from "../sections.js";
import { LevelPage } from "./level-page.js";
import { promiseWords, scopeWords } from "./level-words.js";

/** The service levels, or one of them. */
export function LevelsPage(props: SectionProps) {
	return props.rest === "" ? <LevelList {...props} /> : <LevelPage {...props} />;
}

function LevelList({ desk, workspace }: SectionProps) {
	useEffect(() => void workspace.sites.refresh(), [workspace]);
	const sites = workspace.sites.now.value;
	const known = sites.state === "known" ? sites.value : [];
	const moveUp = async (policies: readonly SlaPolicy[], at: number) => {
		const sla = [...policies];
		const [moved] = sla.splice(at, 1);
		if (!moved) return;
		sla.splice(at - 1, 0, moved);
		try {
			await workspace.editSettings({ sla });
			desk.tell(`${moved.name} is number ${at} now`);
		} catch (error) {
			if (!(error instanceof HttpError)) throw error;
			desk.tell(error.message);
		}
	};
	return (
		<>
			<PageHead
				desk={desk}
				title="Service levels"
				lead="How soon chats are answered and resolved. A chat has the first that fits it; you are warned before it is late, and see when it is."
			>
				<SettingsLink router={desk.router} to="service-levels/new" class="button main">
					<PlusIcon size={16} />
					New service level
				</SettingsLink>
			</PageHead>
			<Known of={workspace.settings}>
				{({ sla }) =>
					sla.length === 0 ? (
						<p class="part-lead">There is no service level yet: nothing is promised.</p>
					) : (
						<ol class="rows">
							{sla.map((policy, at) => (
								<li class="row-line" key={policy.name}>
									<SettingsLink router={desk.router} to={`service-levels/${at + 1}`} class="row-line grow">
										<span class="row-main">
											<strong dir="auto">{policy.name}</strong>
											<span dir="auto">{scopeWords(policy, known)}</span>
											<span>{promiseWords(policy)}</span>
										</span>
									</SettingsLink>
									{at > 0 && (
										<button
											type="button"
											class="button outline small"
											aria-label={`Move ${policy.name} up`}
											onClick={() => void moveUp(sla, at)}
										>
											Move up
										</button>
									)}
								</li>
							))}
						</ol>
					)
				}
			</Known>
		</>
	);
}

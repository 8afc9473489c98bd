import { HttpError } from "../../../client/index.js";
import type { Site, SlaPolicy } from "../../../protocol/types.js";
import { PRIORITIES, PRIORITY_WORDS } from "../../names.js";
import { DeletePart } from "../delete-part.js";
import { Checks, Segments, TextField } from "../fields.js";
import { useForm } from "../form.js";
import { Known, NotHere, PageForm, PageHead } from "../page.js";
import type { SectionProps } from "../sections.js";
import { DurationField } from "./duration-field.js";
import { ESCALATIONS, inForm, policyOf, valuesOf } from "./level-words.js";

const BACK = { to: "service-levels", name: "Service levels" };

/** One service level, by its place; or a new one. */
export function LevelPage(props: SectionProps) {
	const { desk, workspace, rest } = props;
	return (
		<Known of={workspace.settings}>
			{({ sla }) => {
				const policy = rest === "new" ? null : sla[Number(rest) - 1];
				if (policy === undefined) return <NotHere desk={desk} back={BACK} />;
				return (
					<>
						<PageHead desk={desk} title={policy?.name ?? "New service level"} back={BACK} />
						<Known of={workspace.sites}>
							{(sites) => <LevelForm {...props} policy={policy} all={sla} sites={sites} />}
						</Known>
						{policy && (
							<DeletePart
								desk={desk}
								what="service level"
								name={policy.name}
								help="Its chats have the next one that fits, or none."
								to="service-levels"
								done="Service level deleted"
								remove={() => workspace.editSettings({ sla: sla.filter((one) => one !== policy) })}
							>
								What was too late by it stays in the history of its chats.
							</DeletePart>
						)}
					</>
				);
			}}
		</Known>
	);
}

type LevelProps = SectionProps & { readonly policy: SlaPolicy | null; readonly all: readonly SlaPolicy[] };

function LevelForm(props: LevelProps & { readonly sites: readonly Site[] }) {
	const { desk, workspace, policy, all, sites } = props;
	const form = useForm(valuesOf(policy), async (_, values) => {
		const at = policy ? all.indexOf(policy) : all.length;
		const sla = [...all.slice(0, at), policyOf(values), ...all.slice(at + 1)];
		try {
			await workspace.editSettings({ sla });
		} catch (error) {
			throw error instanceof HttpError ? inForm(error, at) : error;
		}
	});
	const { values, set } = form;
	return (
		<PageForm desk={desk} form={form} name="Service level" leavesTo={policy ? undefined : "service-levels"}>
			<TextField
				id="level-name"
				label="Name"
				value={values.name}
				error={form.at("name", "The name")}
				onValue={(name) => set({ name })}
			/>
			<DurationField
				id="level-first"
				label="First answer within"
				help="From the start of a chat to the first answer of somebody of the team."
				empty="No promise"
				value={values.first_response_s}
				error={form.at("first_response_s", "This")}
				onValue={(first_response_s) => set({ first_response_s })}
			/>
			<DurationField
				id="level-next"
				label="Later answers within"
				help="From what the customer wrote to the answer to it."
				empty="No promise"
				value={values.next_response_s}
				error={form.at("next_response_s", "This")}
				onValue={(next_response_s) => set({ next_response_s })}
			/>
			<DurationField
				id="level-resolution"
				label="Resolved within"
				help="From the start of a chat. Time in which it is put aside does not count."
				empty="No promise"
				value={values.resolution_s}
				error={form.at("resolution_s", "This")}
				onValue={(resolution_s) => set({ resolution_s })}
			/>
			<Segments
				id="level-hours"
				label="Time counts"
				value={values.business_hours}
				options={[
					["no", "Always"],
					["yes", "In opening hours"],
				]}
				onValue={(business_hours) => set({ business_hours })}
			/>
			<DurationField
				id="level-warn"
				label="Warn before"
				help="So long before it is too late, the chat shows it. Shorter than the shortest promise."
				empty="No warning"
				value={values.warn_before_s}
				error={form.at("warn_before_s", "This")}
				onValue={(warn_before_s) => set({ warn_before_s })}
			/>
			<Checks
				id="level-escalate"
				label="When it is too late"
				options={ESCALATIONS}
				none=""
				value={values.escalate}
				error={form.at("escalate", "This")}
				onValue={(escalate) => set({ escalate })}
			/>
			<Checks
				id="level-priorities"
				label="For chats of priority"
				help="None chosen: of any."
				options={PRIORITIES.map((one) => [one, PRIORITY_WORDS[one]] as const)}
				none=""
				value={values.priorities}
				error={form.at("priorities", "This")}
				onValue={(priorities) => set({ priorities })}
			/>
			<TextField
				id="level-tags"
				label="With one of the tags"
				help="With commas between them. Empty: with any, or none."
				value={values.tags}
				error={form.at("tags", "A tag")}
				onValue={(tags) => set({ tags })}
			/>
			<Checks
				id="level-sites"
				label="On the sites"
				help="None chosen: on all."
				options={sites.map(({ id, name }) => [id, name] as const)}
				none="There is no site yet."
				value={values.sites}
				error={form.at("sites", "This")}
				onValue={(chosen) => set({ sites: chosen })}
			/>
		</PageForm>
	);
}

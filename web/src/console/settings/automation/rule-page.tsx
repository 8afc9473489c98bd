import { useLayoutEffect } from "preact/hooks";
import type { Rule } from "../../../protocol/types.js";
import { suggestedTags } from "../../ticket/changes.js";
import { DeletePart } from "../delete-part.js";
import { Segments, TextField } from "../fields.js";
import { useForm } from "../form.js";
import { Known, NotHere, PageForm, PageHead } from "../page.js";
import type { SectionProps } from "../sections.js";
import { ActionsField } from "./actions-field.js";
import { ConditionsField } from "./conditions-field.js";
import { EXAMPLES } from "./examples.js";
import { bodyOf, NEW_RULE, RULE_GONE, type RuleValues, ruleValues } from "./rule-form.js";
import { TriggersField } from "./triggers-field.js";
import { TryPart } from "./try-part.js";
import { useNames } from "./use-names.js";

const BACK = { to: "rules", name: "Rules" };

/** One rule by its id, or a new one: `new`, or `new/` and what it begins as. */
export function RulePage(props: SectionProps) {
	const { desk, workspace, rest } = props;
	const [word = "", like] = rest.split("/");
	return (
		<Known of={workspace.rules}>
			{(all) => {
				if (word === "new") {
					return (
						<>
							<PageHead desk={desk} title="New rule" back={BACK} />
							<RuleForm {...props} rule={null} seed={seedOf(like, all)} />
						</>
					);
				}
				const rule = all.find(({ id }) => id === word);
				if (!rule) return <NotHere desk={desk} back={BACK} />;
				return (
					<>
						<PageHead desk={desk} title={rule.name} back={BACK} />
						<RuleForm {...props} rule={rule} seed={null} />
						<DeletePart
							desk={desk}
							what="rule"
							name={rule.name}
							help="What it has done stays. To stop it for a while, switch it off."
							to="rules"
							done="Rule deleted"
							remove={() => workspace.http.delete(`/rules/${rule.id}`)}
							onGone={() => workspace.drop(workspace.rules, rule.id)}
						>
							{RULE_GONE}
						</DeletePart>
					</>
				);
			}}
		</Known>
	);
}

/** What a new rule begins as: an example, or another rule. */
function seedOf(like: string | undefined, all: readonly Rule[]): RuleValues | null {
	const example = like === undefined ? undefined : EXAMPLES[like];
	if (example) return ruleValues(example);
	const rule = all.find(({ id }) => id === like);
	return rule ? ruleValues({ ...rule, name: `${rule.name} (copy)` }) : null;
}

type RuleProps = SectionProps & { readonly rule: Rule | null };

function RuleForm({ desk, workspace, rule, seed }: RuleProps & { readonly seed: RuleValues | null }) {
	const known = useNames(workspace);
	const form = useForm<RuleValues>(
		rule ? ruleValues(rule) : NEW_RULE,
		async (_, values) => {
			const edit = { name: values.name, enabled: values.enabled === "on", ...bodyOf(values) };
			const { http, rules } = workspace;
			const kept = rule
				? await http.patch<Rule>(`/rules/${rule.id}`, edit)
				: await http.post<Rule>("/rules", edit);
			workspace.keep(rules, kept);
		},
		{ unique: "name" },
	);
	const { values, set, faults } = form;
	// What it begins as is not saved yet. Once: a later answer about the rules changes nothing here.
	useLayoutEffect(() => {
		if (seed) set(seed);
	}, []);
	const tags = suggestedTags(desk.lists.all.value.sessions, [], "");
	return (
		<>
			<PageForm desk={desk} form={form} name="Rule" leavesTo={rule ? undefined : "rules"}>
				<TextField
					id="rule-name"
					label="Name"
					help="The history of a chat says which rule did something, by this name."
					value={values.name}
					error={form.at("name", "The name")}
					onValue={(name) => set({ name })}
				/>
				<Segments
					id="rule-enabled"
					label="This rule is"
					value={values.enabled}
					options={[
						["on", "On"],
						["off", "Off"],
					]}
					onValue={(enabled) => set({ enabled })}
				/>
				<TriggersField value={values.on} error={form.at("on", "This")} onValue={(on) => set({ on })} />
				<ConditionsField
					name="all"
					label="If all of these are so"
					help="None: on every chat. Capitals do not count."
					rows={values.all}
					faults={faults}
					known={known}
					tags={tags}
					onRows={(all) => set({ all })}
				/>
				<ConditionsField
					name="any"
					label="And one of these is so"
					help="None: nothing more is asked."
					rows={values.any}
					faults={faults}
					known={known}
					tags={tags}
					onRows={(any) => set({ any })}
				/>
				<ActionsField
					rows={values.actions}
					forMacro={false}
					faults={faults}
					known={known}
					tags={tags}
					onRows={(actions) => set({ actions })}
				/>
			</PageForm>
			<TryPart desk={desk} values={values} names={known.names} />
		</>
	);
}

import type { Macro, RuleAction } from "../../../protocol/types.js";
import { suggestedTags } from "../../ticket/changes.js";
import { DeletePart } from "../delete-part.js";
import { useForm } from "../form.js";
import { type Owned, OwnerFields } from "../owner-fields.js";
import { Known, NotHere, PageForm, PageHead } from "../page.js";
import type { SectionProps } from "../sections.js";
import { ActionsField } from "./actions-field.js";
import { type Row, rowsOf } from "./rows.js";
import { actionsOf } from "./rule-form.js";
import { useNames } from "./use-names.js";

const BACK = { to: "macros", name: "Macros" };

/** One macro by its id, or a new one. */
export function MacroPage(props: SectionProps) {
	const { desk, workspace, rest } = props;
	const leads = desk.me.role !== "agent";
	return (
		<Known of={workspace.macros}>
			{(all) => {
				const one = rest === "new" ? null : all.find(({ id }) => id === rest);
				// Everybody's are changed by those who lead.
				if (one === undefined || (one?.owner_id === null && !leads)) {
					return <NotHere desk={desk} back={BACK} />;
				}
				return (
					<>
						<PageHead desk={desk} title={one?.name ?? "New macro"} back={BACK} />
						<MacroForm {...props} macro={one} leads={leads} />
						{one && (
							<DeletePart
								desk={desk}
								what="macro"
								name={one.name}
								help="What was done with it stays in the history of the chats."
								to="macros"
								done="Macro deleted"
								remove={() => workspace.http.delete(`/macros/${one.id}`)}
								onGone={() => workspace.drop(workspace.macros, one.id)}
							>
								{one.owner_id === null ? "Nobody can run it any more." : "You cannot run it any more."}
							</DeletePart>
						)}
					</>
				);
			}}
		</Known>
	);
}

interface MacroValues extends Owned {
	readonly actions: readonly Row<RuleAction>[];
}

function MacroForm({
	desk,
	workspace,
	macro,
	leads,
}: SectionProps & { readonly macro: Macro | null; readonly leads: boolean }) {
	const known = useNames(workspace);
	const base: MacroValues = {
		name: macro?.name ?? "",
		shared: macro?.owner_id === null ? "yes" : "no",
		actions: rowsOf(macro?.actions),
	};
	const form = useForm<MacroValues>(
		base,
		async (_, { name, shared, actions }) => {
			const edit = { name, shared: shared === "yes", actions: actionsOf(actions) };
			const { http, macros } = workspace;
			const kept = macro
				? await http.patch<Macro>(`/macros/${macro.id}`, edit)
				: await http.post<Macro>("/macros", edit);
			workspace.keep(macros, kept);
		},
		{ unique: "name" },
	);
	const { values, set } = form;
	return (
		<PageForm desk={desk} form={form} name="Macro" leavesTo={macro ? undefined : "macros"}>
			<OwnerFields id="macro" form={form} leads={leads} />
			<ActionsField
				rows={values.actions}
				forMacro
				faults={form.faults}
				known={known}
				tags={suggestedTags(desk.lists.all.value.sessions, [], "")}
				onRows={(actions) => set({ actions })}
			/>
		</PageForm>
	);
}

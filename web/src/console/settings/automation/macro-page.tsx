import { useEffect, useState } from "preact/hooks";
import { HttpError } from "../../../client/index.js";
import type { Macro, RuleAction } from "../../../protocol/types.js";
import { Modal } from "../../desk/modal.js";
import { suggestedTags } from "../../ticket/changes.js";
import { Segments, TextField } from "../fields.js";
import { useForm } from "../form.js";
import { Known, NotHere, PageForm, PageHead, Part } from "../page.js";
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
						{one && <Delete {...props} macro={one} />}
					</>
				);
			}}
		</Known>
	);
}

interface MacroValues {
	readonly name: string;
	readonly shared: "no" | "yes";
	readonly actions: readonly Row<RuleAction>[];
}

function MacroForm({
	desk,
	workspace,
	macro,
	leads,
}: SectionProps & { readonly macro: Macro | null; readonly leads: boolean }) {
	const [made, setMade] = useState(false);
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
			if (!macro) setMade(true);
		},
		{ unique: "name" },
	);
	const { values, set } = form;
	// Once nothing of the form is unsaved any more: else one would be asked whether to leave it.
	useEffect(() => {
		if (made && form.changed === 0) desk.router.go({ settings: "macros" }, { replace: true });
	}, [desk, made, form.changed]);
	return (
		<PageForm desk={desk} form={form} name="Macro">
			<TextField
				id="macro-name"
				label="Name"
				value={values.name}
				error={form.at("name", "The name")}
				onValue={(name) => set({ name })}
			/>
			{leads && (
				<Segments
					id="macro-shared"
					label="For"
					value={values.shared}
					options={[
						["no", "Me"],
						["yes", "Everybody"],
					]}
					error={form.at("shared", "This")}
					onValue={(shared) => set({ shared })}
				/>
			)}
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

function Delete({ desk, workspace, macro }: SectionProps & { readonly macro: Macro }) {
	const [asked, setAsked] = useState(false);
	const remove = async () => {
		setAsked(false);
		try {
			await workspace.http.delete(`/macros/${macro.id}`);
		} catch (error) {
			if (!(error instanceof HttpError)) throw error;
			// Gone already is what was asked for.
			if (error.status !== 404) {
				desk.tell(error.message);
				return;
			}
		}
		workspace.drop(workspace.macros, macro.id);
		desk.tell("Macro deleted");
		// Once its form is gone: what was written in it is of no use any more.
		requestAnimationFrame(() => desk.router.go({ settings: "macros" }, { replace: true }));
	};
	return (
		<Part id="macro-delete" title="Delete">
			<div class="part-row">
				<div>
					<h3>Delete this macro</h3>
					<p>What was done with it stays in the history of the chats.</p>
				</div>
				<button type="button" class="button outline" onClick={() => setAsked(true)}>
					Delete macro
				</button>
			</div>
			{asked && (
				<Modal
					title={`Delete the macro ${macro.name}?`}
					safe="Keep it"
					verb="Delete macro"
					onSafe={() => setAsked(false)}
					onVerb={() => void remove()}
				>
					{macro.owner_id === null ? "Nobody can run it any more." : "You cannot run it any more."}
				</Modal>
			)}
		</Part>
	);
}

import { useLayoutEffect, useRef } from "preact/hooks";
import type { EditView, SavedView, ViewFilter, ViewId } from "../../../protocol/types.js";
import { mayChange } from "../../views/views.js";
import { useNames } from "../automation/use-names.js";
import { DeletePart } from "../delete-part.js";
import { useForm } from "../form.js";
import { OwnerFields } from "../owner-fields.js";
import { Known, NotHere, PageForm, PageHead } from "../page.js";
import type { SectionProps } from "../sections.js";
import { FilterFields } from "./filter-fields.js";
import { useFit } from "./use-fit.js";
import { asked, fitWords, searchedFilter, type ViewValues, viewValues } from "./view-form.js";

const BACK = { to: "views", name: "Views" };

/** One view by its id, or a new one: `new`, or `new/` and what a search was narrowed to. */
export function ViewPage(props: SectionProps) {
	const { desk, rest } = props;
	const { views, client } = desk;
	const [word = "", searched = ""] = rest.split("/");
	return (
		<Known of={views.all}>
			{(all) => {
				if (word === "new") {
					return (
						<>
							<PageHead desk={desk} title="New view" back={BACK} />
							<ViewForm {...props} view={null} seed={searchedFilter(searched)} />
						</>
					);
				}
				const view = all.find(({ id }) => id === word);
				if (!view || !mayChange(view, desk.me)) return <NotHere desk={desk} back={BACK} />;
				return (
					<>
						<PageHead desk={desk} title={view.name} back={BACK}>
							<button
								type="button"
								class="button outline"
								onClick={() => desk.router.go({ view: view.id, session: null })}
							>
								Open view
							</button>
						</PageHead>
						<ViewForm {...props} view={view} seed={null} />
						<DeletePart
							desk={desk}
							what="view"
							name={view.name}
							help="The chats in it stay as they are."
							to="views"
							done="View deleted"
							remove={() => client.http.delete(`/views/${view.id}`)}
							onGone={() => views.all.set(all.filter(({ id }) => id !== view.id))}
						>
							{view.owner_id === null ? "Nobody has it any more." : "You do not have it any more."} Its chats
							stay as they are.
						</DeletePart>
					</>
				);
			}}
		</Known>
	);
}

type ViewFormProps = SectionProps & { readonly view: SavedView | null; readonly seed: ViewFilter | null };

function ViewForm({ desk, workspace, view, seed }: ViewFormProps) {
	const known = useNames(workspace);
	const leads = desk.me.role !== "agent";
	const made = useRef<ViewId | null>(null);
	const form = useForm<ViewValues>(
		viewValues(view),
		async (_, { name, shared, filter }) => {
			const edit: EditView = { name, filter: asked(filter), ...(leads ? { shared: shared === "yes" } : {}) };
			const { http } = workspace;
			const kept = view
				? await http.patch<SavedView>(`/views/${view.id}`, edit)
				: await http.post<SavedView>("/views", edit);
			made.current = kept.id;
			await desk.views.all.refresh();
		},
		{ unique: "name" },
	);
	const { values, set, faults } = form;
	// What it begins as is not saved yet. Once: a later answer about the views changes nothing here.
	useLayoutEffect(() => {
		if (seed && Object.keys(seed).length > 0) set({ filter: seed });
	}, []);
	const fit = useFit(desk, asked(values.filter));
	const open = () =>
		made.current !== null && desk.router.go({ view: made.current, session: null }, { replace: true });
	return (
		<PageForm desk={desk} form={form} name="View" leavesTo={view ? undefined : open}>
			<OwnerFields
				id="view"
				form={form}
				leads={leads}
				sharedHelp="Each of the team has it, and finds in it what they may see."
			/>
			<p class="view-fit" role="status">
				{fit === null && "Counting"}
				{fit !== null && (fit.refused === null ? fitWords(fit.total) : "What fits cannot be counted.")}
			</p>
			<FilterFields
				desk={desk}
				filter={values.filter}
				known={known}
				faults={faults}
				onFilter={(filter) => set({ filter })}
			/>
		</PageForm>
	);
}

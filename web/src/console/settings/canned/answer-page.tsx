import { useEffect, useRef, useState } from "preact/hooks";
import { HttpError } from "../../../client/index.js";
import type { Uploads } from "../../../client/uploads.js";
import type { CannedAnswer, CannedCategory, EditCanned, Page, Team } from "../../../protocol/types.js";
import { LIMITS } from "../../../protocol/types.js";
import { whose } from "../../thread/canned.js";
import { DeletePart } from "../delete-part.js";
import { TextField } from "../fields.js";
import { useForm } from "../form.js";
import { loaded } from "../loaded.js";
import { Known, PageForm, PageHead } from "../page.js";
import type { SectionProps } from "../sections.js";
import { BodyField } from "./body-field.js";
import { FilesField, filesOf } from "./files-field.js";
import { ScopeField } from "./scope-field.js";

const BACK = { to: "canned", name: "Canned answers" };

/** One canned answer, or a new one. */
export function AnswerPage(props: SectionProps) {
	const { desk, workspace, rest } = props;
	const [answer] = useState(() =>
		loaded<CannedAnswer | null>(async () =>
			rest === "new" ? null : await workspace.http.get<CannedAnswer>(`/canned/${encodeURIComponent(rest)}`),
		),
	);
	const leads = workspace.me.role !== "agent";
	return (
		<Known of={answer}>
			{(one) => (
				<>
					<PageHead
						desk={desk}
						title={one ? one.title || `/${one.shortcut}` : "New canned answer"}
						back={BACK}
					/>
					{one && !leads && one.scope !== "personal" ? (
						<Shown answer={one} />
					) : (
						<Known of={workspace.teams}>
							{(teams) => (
								<AnswerForm {...props} leads={leads} answer={one} teams={teams} keep={answer.set} />
							)}
						</Known>
					)}
					{one && (leads || one.scope === "personal") && (
						<DeletePart
							desk={desk}
							what="answer"
							name={`/${one.shortcut}`}
							help="What was said with it stays."
							to="canned"
							done="Canned answer deleted"
							remove={() => workspace.http.delete(`/canned/${one.id}`)}
						>
							{one.scope === "personal" ? "It is only yours." : "It is taken from everybody who has it."}
						</DeletePart>
					)}
				</>
			)}
		</Known>
	);
}

/** Somebody else keeps it. */
function Shown({ answer }: { answer: CannedAnswer }) {
	const facts = [
		["Shortcut", `/${answer.shortcut}`],
		["Category", answer.category],
		["Whose", whose(answer)],
		["Text", answer.body],
		["Files", answer.attachments.map(({ name }) => name).join(", ")],
	] as const;
	return (
		<>
			<dl class="facts">
				{facts
					.filter(([, value]) => value !== "")
					.map(([name, value]) => (
						<div key={name}>
							<dt>{name}</dt>
							<dd dir="auto" class={name === "Text" ? "canned-shown" : ""}>
								{value}
							</dd>
						</div>
					))}
			</dl>
			<p class="part-lead">
				Supervisors and admins change it. You can make one of your own with the same shortcut: it comes first.
			</p>
		</>
	);
}

type FormProps = SectionProps & {
	readonly leads: boolean;
	readonly answer: CannedAnswer | null;
	readonly teams: readonly Team[];
	readonly keep: (answer: CannedAnswer) => void;
};

function AnswerForm({ desk, workspace, leads, answer, teams, keep }: FormProps) {
	const { http } = workspace;
	const place = useRef(answer?.id);
	const [uploads] = useState(() => filesOf(answer, () => place.current));
	useEffect(() => () => uploads.close(), [uploads]);
	const [categories, setCategories] = useState<readonly string[]>([]);
	const base = {
		shortcut: answer?.shortcut ?? "",
		title: answer?.title ?? "",
		category: answer?.category ?? "",
		scope: answer?.scope ?? "personal",
		team_id: answer?.team?.id ?? "",
		body: answer?.body ?? "",
	};
	const form = useForm(
		base,
		async (changed, { shortcut, scope, team_id, body }) => {
			const { scope: _, team_id: __, ...texts } = changed;
			const edit: EditCanned = { ...texts };
			// As people say it.
			if (changed.shortcut !== undefined) edit.shortcut = shortcut.trim().replace(/^\//, "");
			if (changed.scope !== undefined || changed.team_id !== undefined) {
				edit.scope = scope;
				if (scope === "team" && team_id) edit.team_id = team_id;
			}
			if (answer) {
				keep(await http.patch<CannedAnswer>(`/canned/${answer.id}`, edit));
			} else {
				const one = await http.post<CannedAnswer>("/canned", {
					...edit,
					shortcut: edit.shortcut ?? "",
					body,
				});
				place.current = one.id;
				if (!(await allThere(uploads))) {
					uploads.trouble.set("The answer is saved, but not all of its files.");
					keep(one);
				}
			}
		},
		{ unique: "shortcut" },
	);
	useEffect(() => {
		http.get<Page<CannedCategory>>("/canned/categories?limit=200").then(
			({ items }) => setCategories(items.map(({ name }) => name)),
			(error) => {
				// Then they are typed.
				if (!(error instanceof HttpError)) throw error;
			},
		);
	}, [http]);
	const { values, set } = form;
	return (
		<PageForm desk={desk} form={form} name="Canned answer" leavesTo={answer ? undefined : "canned"}>
			<TextField
				id="canned-shortcut"
				label="Shortcut"
				help={`In a chat, / and this word bring it. Letters, digits, _ and -, at most ${LIMITS.shortcutChars}.`}
				value={values.shortcut}
				error={form.at("shortcut", "The shortcut")}
				onValue={(shortcut) => set({ shortcut })}
			/>
			<TextField
				id="canned-title"
				label="Title"
				optional
				value={values.title}
				error={form.at("title", "The title")}
				onValue={(title) => set({ title })}
			/>
			<TextField
				id="canned-category"
				label="Category"
				optional
				list="canned-categories"
				value={values.category}
				error={form.at("category", "The category")}
				onValue={(category) => set({ category })}
			/>
			<datalist id="canned-categories">
				{categories.map((name) => (
					<option key={name} value={name} />
				))}
			</datalist>
			{leads && (
				<ScopeField
					scope={values.scope}
					team={values.team_id}
					teams={teams}
					error={form.at("team_id", "The team") ?? form.at("scope", "This")}
					onValue={set}
				/>
			)}
			<BodyField
				http={http}
				value={values.body}
				error={form.at("body", "The text")}
				onValue={(body) => set({ body })}
			/>
			<FilesField uploads={uploads} />
		</PageForm>
	);
}

/** Sends what waited, and tells whether all of it arrived. */
function allThere(uploads: Uploads): Promise<boolean> {
	return new Promise((resolve) => {
		const look = () => {
			if (uploads.busy) return;
			stop();
			resolve(!uploads.failed);
		};
		const stop = uploads.items.subscribe(look);
		uploads.start();
		look();
	});
}

import "../../styles/automation.css";

import { useState } from "preact/hooks";
import { HttpError } from "../../../client/index.js";
import type { Page, Rule, RuleOrder } from "../../../protocol/types.js";
import { MoreIcon, PlusIcon } from "../../../ui/icons.js";
import { actionsWords, NO_NAMES } from "../../automation/action-words.js";
import { MenuButton } from "../../desk/menu-button.js";
import { DeleteQuestion, removed } from "../delete-part.js";
import { Known, keepFocus, PageHead, SettingsLink } from "../page.js";
import type { SectionProps } from "../sections.js";
import { MoveButton } from "./actions-field.js";
import { EXAMPLES } from "./examples.js";
import { moved } from "./rows.js";
import { RULE_GONE } from "./rule-form.js";
import { RulePage } from "./rule-page.js";
import { whenWords } from "./rule-words.js";
import { useNames } from "./use-names.js";

/** The rules, or one of them. */
export function RulesPage(props: SectionProps) {
	return props.rest === "" ? <RuleList {...props} /> : <RulePage {...props} />;
}

function RuleList({ desk, workspace }: SectionProps) {
	const { http, rules } = workspace;
	const [deleted, setDeleted] = useState<Rule | null>(null);
	const { names } = useNames(workspace);

	/** Shows it at once, and as it was if the server does not take it. */
	const optimistic = async (next: readonly Rule[], send: () => Promise<void>) => {
		const { value: before } = rules.now;
		rules.set(next);
		try {
			await send();
		} catch (error) {
			if (!(error instanceof HttpError)) throw error;
			if (before.state === "known") rules.set(before.value);
			desk.tell(`Nothing was changed. ${error.message}`);
			// What others changed meanwhile may be why.
			void rules.refresh();
		}
	};
	const turn = (all: readonly Rule[], rule: Rule) => {
		const enabled = !rule.enabled;
		const next = all.map((one) => (one.id === rule.id ? { ...one, enabled } : one));
		void optimistic(next, async () => {
			workspace.keep(rules, await http.patch<Rule>(`/rules/${rule.id}`, { enabled }));
			desk.announcer.say(`${rule.name} is ${enabled ? "on" : "off"}`);
		});
	};
	const move = (all: readonly Rule[], at: number, by: 1 | -1) => {
		const rule = all[at];
		const next = moved(all, at, by);
		if (!rule || next === all) return;
		const focused = document.activeElement;
		void optimistic(next, async () => {
			const order: RuleOrder = { rules: next.map(({ id }) => id) };
			const { items } = await http.put<Page<Rule>>("/rules/order", order);
			rules.set(items);
			desk.tell(`${rule.name} is number ${at + by + 1} now`);
		});
		// To move a row takes the focus from it.
		requestAnimationFrame(() => focused instanceof HTMLElement && focused.focus());
	};
	const remove = async ({ id }: Rule) => {
		setDeleted(null);
		if (await removed(desk, () => http.delete(`/rules/${id}`), "Rule deleted")) {
			workspace.drop(rules, id);
			keepFocus();
		}
	};
	return (
		<>
			<PageHead
				desk={desk}
				title="Rules"
				lead="What Hubbub does by itself. Rules are asked from top to bottom, and each sees what the ones above it did."
			>
				<SettingsLink router={desk.router} to="rules/new" class="button main">
					<PlusIcon size={16} />
					New rule
				</SettingsLink>
			</PageHead>
			<Known of={rules}>
				{(all) =>
					all.length === 0 ? (
						<Empty desk={desk} />
					) : (
						<ol class="rows rule-rows">
							{all.map((rule, at) => (
								<li
									class="row-line rule-row"
									key={rule.id}
									id={`rule-${rule.id}`}
									onKeyDown={(event) => {
										if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
										event.preventDefault();
										move(all, at, event.key === "ArrowUp" ? -1 : 1);
									}}
								>
									<button
										type="button"
										role="switch"
										class="switch"
										aria-checked={rule.enabled}
										aria-label={rule.name}
										title={rule.enabled ? "On" : "Off"}
										onClick={() => turn(all, rule)}
									/>
									<SettingsLink router={desk.router} to={`rules/${rule.id}`} class="row-line grow">
										<span class="row-main">
											<strong dir="auto">{rule.name}</strong>
											<span dir="auto">{whenWords(rule, names)}:</span>
											<span class="rule-does" dir="auto">
												{actionsWords(rule.actions, names)}
											</span>
										</span>
									</SettingsLink>
									<span class="row-acts">
										<MoveButton name={rule.name} by={-1} able={at > 0} onMove={() => move(all, at, -1)} />
										<MoveButton
											name={rule.name}
											by={1}
											able={at < all.length - 1}
											onMove={() => move(all, at, 1)}
										/>
										<MenuButton
											label={`Actions for ${rule.name}`}
											title="Duplicate or delete"
											items={[
												{
													words: "Duplicate",
													key: "D",
													run: () => desk.router.go({ settings: `rules/new/${rule.id}` }),
												},
												{ words: "Delete", run: () => setDeleted(rule) },
											]}
										>
											<MoreIcon size={16} />
										</MenuButton>
									</span>
								</li>
							))}
						</ol>
					)
				}
			</Known>
			{deleted && (
				<DeleteQuestion
					what="rule"
					name={deleted.name}
					onKeep={() => setDeleted(null)}
					onDelete={() => void remove(deleted)}
				>
					{RULE_GONE}
				</DeleteQuestion>
			)}
		</>
	);
}

/** Three that others have found useful. */
function Empty({ desk }: Pick<SectionProps, "desk">) {
	return (
		<>
			<p class="part-lead">
				There is no rule yet. Begin with one of these, and make it your own; nothing happens before you save
				it.
			</p>
			<ul class="rows">
				{Object.entries(EXAMPLES).map(([word, example]) => (
					<li key={word}>
						<SettingsLink router={desk.router} to={`rules/new/${word}`} class="row-line">
							<span class="row-main">
								<strong>{example.name}</strong>
								<span>{whenWords(example, NO_NAMES)}:</span>
								<span class="rule-does">{actionsWords(example.actions, NO_NAMES)}</span>
							</span>
						</SettingsLink>
					</li>
				))}
			</ul>
		</>
	);
}

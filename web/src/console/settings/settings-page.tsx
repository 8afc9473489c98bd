import "../styles/settings.css";
import "../styles/settings-form.css";
import "../styles/board.css";
import "../styles/settings-lists.css";
import "../styles/settings-sites.css";

import { useEffect, useState } from "preact/hooks";
import { ConnectionBar } from "../desk/connection-bar.js";
import type { Desk } from "../desk/desk.js";
import { usePageTitle } from "../desk/title.js";
import { focusPane } from "../panes.js";
import { NotHere, SettingsLink } from "./page.js";
import { type Section, sectionsFor } from "./sections.js";
import { openWorkspace } from "./workspace.js";

/** The settings: their sections, and the one that the address names. */
export function SettingsPage({ desk }: { desk: Desk }) {
	const { me } = desk;
	const [workspace] = useState(() => openWorkspace(desk.client.http, me));
	const path = desk.router.place.value.settings ?? "";
	const sections = sectionsFor(me.role ?? "agent");
	const [word = "", ...rest] = path.split("/");
	// At the beginning, where there is room for both, the first one stands beside the list.
	const section = path === "" ? sections[0] : sections.find((one) => one.path === word);
	usePageTitle(desk, section?.name ?? "Settings");
	useEffect(() => {
		if (path === "" && desk.router.moved) focusPane("list");
	}, [desk, path]);
	return (
		<div class={path === "" ? "settings at-beginning" : "settings"}>
			<SettingsNav desk={desk} sections={sections} here={section} />
			<div class="settings-pane" data-pane-area="thread">
				<ConnectionBar desk={desk} />
				<div class="settings-page">
					{section ? (
						<section.Page key={path} desk={desk} workspace={workspace} rest={rest.join("/")} />
					) : (
						<NotHere key={path} desk={desk} />
					)}
				</div>
			</div>
		</div>
	);
}

function SettingsNav({
	desk,
	sections,
	here,
}: {
	desk: Desk;
	sections: readonly Section[];
	here: Section | undefined;
}) {
	return (
		<nav class="settings-nav" aria-label="Settings" data-pane-area="list">
			<h2>Settings</h2>
			<ul>
				{sections.map(({ path, name }, index) => (
					<li key={path}>
						<SettingsLink
							router={desk.router}
							to={path}
							class="view"
							aria-current={path === here?.path ? "page" : undefined}
							data-pane={path === here?.path || (!here && index === 0) ? "list" : undefined}
						>
							<span class="view-name">{name}</span>
						</SettingsLink>
					</li>
				))}
			</ul>
		</nav>
	);
}

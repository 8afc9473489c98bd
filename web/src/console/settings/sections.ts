/** The sections of the settings, in their order. A new one is a line here, and a page. */

import type { JSX } from "preact";
import type { Role } from "../../protocol/types.js";
import type { Desk } from "../desk/desk.js";
import { AccountPage } from "./account/account-page.js";
import { MacrosPage } from "./automation/macros-page.js";
import { RulesPage } from "./automation/rules-page.js";
import { BoardPage } from "./board/board-page.js";
import { CannedPage } from "./canned/canned-page.js";
import { ClosingPage } from "./clock/closing-page.js";
import { LevelsPage } from "./clock/levels-page.js";
import { AttributesPage } from "./contacts/attributes-page.js";
import { ContactsPage } from "./contacts/contacts-page.js";
import { SkillsPage } from "./groups/skills-page.js";
import { TeamsPage } from "./groups/teams-page.js";
import { PeoplePage } from "./people/people-page.js";
import { RoutingPage } from "./routing/routing-page.js";
import { SitesPage } from "./sites/sites-page.js";
import { ViewsPage } from "./views/views-page.js";
import type { Workspace } from "./workspace.js";

/** What a section's page is given. */
export interface SectionProps {
	readonly desk: Desk;
	readonly workspace: Workspace;
	/** What the address says behind the section: "" or, say, an id. */
	readonly rest: string;
}

/** A section of the settings. */
export interface Section {
	/** Its word in the address. */
	readonly path: string;
	readonly name: string;
	/** Whom it is for; the server decides what each may do. */
	readonly roles: readonly Role[];
	readonly Page: (props: SectionProps) => JSX.Element;
}

const EVERYBODY: readonly Role[] = ["agent", "supervisor", "admin"];
const LEADS: readonly Role[] = ["supervisor", "admin"];
const ADMINS: readonly Role[] = ["admin"];

const SECTIONS: readonly Section[] = [
	{ path: "account", name: "My account", roles: EVERYBODY, Page: AccountPage },
	{ path: "contacts", name: "Contacts", roles: EVERYBODY, Page: ContactsPage },
	{ path: "canned", name: "Canned answers", roles: EVERYBODY, Page: CannedPage },
	{ path: "macros", name: "Macros", roles: EVERYBODY, Page: MacrosPage },
	{ path: "views", name: "Views", roles: EVERYBODY, Page: ViewsPage },
	{ path: "board", name: "Live board", roles: LEADS, Page: BoardPage },
	{ path: "people", name: "People", roles: LEADS, Page: PeoplePage },
	{ path: "teams", name: "Teams", roles: LEADS, Page: TeamsPage },
	{ path: "skills", name: "Skills", roles: LEADS, Page: SkillsPage },
	{ path: "attributes", name: "Attributes", roles: LEADS, Page: AttributesPage },
	{ path: "rules", name: "Rules", roles: LEADS, Page: RulesPage },
	{ path: "sites", name: "Sites", roles: ADMINS, Page: SitesPage },
	{ path: "routing", name: "Routing", roles: ADMINS, Page: RoutingPage },
	{ path: "service-levels", name: "Service levels", roles: ADMINS, Page: LevelsPage },
	{ path: "closing", name: "Closing", roles: ADMINS, Page: ClosingPage },
];

/** Those for whoever has this role. */
export const sectionsFor = (role: Role): readonly Section[] =>
	SECTIONS.filter(({ roles }) => roles.includes(role));

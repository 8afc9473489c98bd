/** The sections of the settings, in their order. A new one is a line here, and a page. */

import type { JSX } from "preact";
import type { Role } from "../../protocol/types.js";
import type { Desk } from "../desk/desk.js";
import { AccountPage } from "./account/account-page.js";
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

const SECTIONS: readonly Section[] = [
	{ path: "account", name: "My account", roles: EVERYBODY, Page: AccountPage },
];

/** Those for whoever has this role. */
export const sectionsFor = (role: Role): readonly Section[] =>
	SECTIONS.filter(({ roles }) => roles.includes(role));

/** The roles, as they are chosen. */

import type { Role } from "../../../protocol/types.js";
import { ROLE_WORDS } from "../../names.js";

const IN_ORDER: readonly Role[] = ["agent", "supervisor", "admin"];

/** Each with its word, who may least first. */
export const ROLES = IN_ORDER.map((role) => [role, ROLE_WORDS[role]] as const);

/** What whoever has this role may do. */
export const ROLE_MEANS: Readonly<Record<Role, string>> = {
	agent: "Answers: own chats, and those that nobody has.",
	supervisor: "Sees all chats, takes over, and keeps teams and skills.",
	admin: "Does all of it, and manages people and sites.",
};

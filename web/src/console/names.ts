/** What people are called where a name may be missing. */

import type {
	Availability,
	ContactSummary,
	Priority,
	Role,
	SlaTarget,
	Status,
	ViewName,
} from "../protocol/types.js";

/** A customer's name, else number, else address, else what can be said. */
export const contactName = (contact: ContactSummary): string =>
	contact.name || contact.phone || contact.email || "No name given";

/** A status in words. */
export const STATUS_WORDS: Readonly<Record<Status, string>> = {
	open: "Open",
	in_progress: "In progress",
	resolved: "Resolved",
	closed: "Closed",
};

/** A priority in words. */
export const PRIORITY_WORDS: Readonly<Record<Priority, string>> = {
	low: "Low",
	normal: "Normal",
	high: "High",
	urgent: "Urgent",
};

/** The priorities, the least urgent first. */
export const PRIORITIES: readonly Priority[] = ["low", "normal", "high", "urgent"];

/** What a service level promises. */
export const TARGET_WORDS: Readonly<Record<SlaTarget, string>> = {
	first_response: "First answer",
	next_response: "Answer",
	resolution: "Resolution",
};

/** What somebody is to the team. */
export const AVAILABILITY_WORDS: Readonly<Record<Availability, string>> = {
	online: "Online",
	busy: "Busy",
	away: "Away",
	offline: "Offline",
};

/** What somebody may do. */
export const ROLE_WORDS: Readonly<Record<Role, string>> = {
	agent: "Agent",
	supervisor: "Supervisor",
	admin: "Admin",
};

/** A list's name. */
export const VIEW_WORDS: Readonly<Record<ViewName, string>> = {
	waiting: "Waiting",
	mine: "Mine",
	unassigned: "Unassigned",
	snoozed: "Put aside",
	mentions: "Mentions",
	all: "All",
};

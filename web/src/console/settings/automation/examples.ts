/** Rules to begin with: they fill the editor, and do nothing before they are saved. */

import type { RuleBody } from "../../../protocol/types.js";

/** A rule that is not made yet. */
export interface Draft extends RuleBody {
	readonly name: string;
}

/** By the word in the address. */
export const EXAMPLES: Readonly<Record<string, Draft>> = {
	"angry-words": {
		name: "Angry words",
		on: ["customer_message"],
		all: [
			{
				field: "message",
				test: "contains",
				values: ["unacceptable", "ridiculous", "complaint", "lawyer", "refund now"],
			},
		],
		any: [],
		actions: [
			{ type: "priority", priority: "urgent" },
			{ type: "tags", add: ["upset"], remove: [] },
		],
	},
	"out-of-hours": {
		name: "Out of hours",
		on: ["started"],
		all: [{ field: "hours", test: "is", values: ["closed"] }],
		any: [],
		actions: [
			{
				type: "message",
				body: "Hello {{contact.first_name | there}}, thank you for writing. We are closed just now, and answer as soon as we are back.",
			},
			{ type: "tags", add: ["out of hours"], remove: [] },
		],
	},
	"low-rating": {
		name: "Low rating",
		on: ["rated"],
		all: [{ field: "rating", test: "at_most", values: ["2"] }],
		any: [],
		actions: [
			{ type: "tags", add: ["low rating"], remove: [] },
			{ type: "note", body: "The customer was not happy. A team lead should read this chat, and call back." },
		],
	},
};

import { type Http, HttpError } from "../../../client/index.js";
import type { Rule } from "../../../protocol/types.js";
import { Modal } from "../../desk/modal.js";

/** Whether it is gone; gone already is what was asked for. */
export async function removeRule(http: Http, id: Rule["id"], tell: (text: string) => void): Promise<boolean> {
	try {
		await http.delete(`/rules/${id}`);
	} catch (error) {
		if (!(error instanceof HttpError)) throw error;
		if (error.status !== 404) {
			tell(error.message);
			return false;
		}
	}
	tell("Rule deleted");
	return true;
}

/** Deleting cannot be undone. */
export function DeleteQuestion({
	rule,
	onKeep,
	onDelete,
}: {
	rule: Rule;
	onKeep: () => void;
	onDelete: () => void;
}) {
	return (
		<Modal
			title={`Delete the rule ${rule.name}?`}
			safe="Keep it"
			verb="Delete rule"
			onSafe={onKeep}
			onVerb={onDelete}
		>
			What it has done stays in the history of its chats. To stop it for a while, switch it off.
		</Modal>
	);
}

/** The dialogs about a chat: one at a time, over whatever pane asked for it. */

import type { Desk } from "../desk/desk.js";
import { Modal } from "../desk/modal.js";
import type { OpenChat } from "../thread/open-chat.js";
import { AsideDialog } from "./aside-dialog.js";
import { DetailsDialog } from "./details-dialog.js";
import { HandOverDialog } from "./hand-over-dialog.js";
import { MacroDialog } from "./macro-dialog.js";
import { MergeDialog } from "./merge-dialog.js";

/** Which one. `tags` is `details`, begun at the tags. */
export type DialogName = "details" | "tags" | "aside" | "hand-over" | "macro" | "merge" | "close";

/** What every one of them gets. */
export interface ChatDialogProps {
	readonly desk: Desk;
	readonly chat: OpenChat;
	readonly onDone: () => void;
}

/** The dialog of this name. */
export function ChatDialog({ name, ...props }: ChatDialogProps & { name: DialogName }) {
	switch (name) {
		case "details":
		case "tags":
			return <DetailsDialog {...props} atTags={name === "tags"} />;
		case "aside":
			return <AsideDialog {...props} />;
		case "hand-over":
			return <HandOverDialog {...props} />;
		case "macro":
			return <MacroDialog {...props} />;
		case "merge":
			return <MergeDialog {...props} />;
		case "close":
			return <CloseQuestion {...props} />;
	}
}

/** Closing is the one thing here that cannot be undone. */
function CloseQuestion({ chat, onDone }: ChatDialogProps) {
	return (
		<Modal
			title="Close this chat?"
			safe="Keep it open"
			verb="Close chat"
			onSafe={onDone}
			onVerb={() => {
				onDone();
				void chat.setStatus("closed");
			}}
		>
			It ends for the customer, too, and cannot be opened again. A new message opens a new chat.
		</Modal>
	);
}

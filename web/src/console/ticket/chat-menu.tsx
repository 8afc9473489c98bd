import type { SessionSummary } from "../../protocol/types.js";
import { MoreIcon } from "../../ui/icons.js";
import { canHandOver, canMerge, canPutAside, canPutBack, canTakeOver } from "../desk/can.js";
import type { Desk } from "../desk/desk.js";
import { MenuButton, type MenuItem } from "../desk/menu-button.js";
import type { OpenChat } from "../thread/open-chat.js";
import type { DialogName } from "./dialogs.js";

/** What the menu shows and does. */
export interface ChatMenuProps {
	readonly desk: Desk;
	readonly chat: OpenChat;
	readonly summary: SessionSummary;
	readonly onDialog: (name: DialogName) => void;
	readonly onSide: () => void;
}

function itemsOf({ desk, summary, onDialog, onSide }: ChatMenuProps): readonly MenuItem[] {
	const items: MenuItem[] = [{ words: "Edit details", key: "L", run: () => onDialog("details") }];
	if (canPutAside(summary)) {
		const words = summary.snoozed_until ? "Change when it comes back" : "Put aside";
		items.push({ words, key: "S", run: () => onDialog("aside") });
	}
	if (canHandOver(summary, desk.me))
		items.push({ words: "Hand over", key: "A", run: () => onDialog("hand-over") });
	items.push({ words: "Run a macro", key: "P", run: () => onDialog("macro") });
	if (canTakeOver(summary, desk.me)) items.push({ words: "Take over", run: () => void desk.takeOver() });
	if (canPutBack(summary, desk.me)) items.push({ words: "Put back in line", run: () => void desk.putBack() });
	if (canMerge(summary)) items.push({ words: "Merge into another chat", run: () => onDialog("merge") });
	items.push({ words: "About this chat", key: "I", narrow: true, run: onSide });
	return items;
}

/** What else can be done with a chat. */
export function ChatMenu(props: ChatMenuProps) {
	return (
		<MenuButton
			label="More actions"
			title="More actions (M)"
			items={itemsOf(props)}
			busy={props.chat.busy.value !== null}
			chat
		>
			<MoreIcon />
		</MenuButton>
	);
}

import { useEffect, useRef, useState } from "preact/hooks";
import type { SessionId } from "../../protocol/types.js";
import { ChatList } from "../list/chat-list.js";
import { contactName } from "../names.js";
import { SettingsEntry } from "../settings/entry.js";
import { Missing } from "../thread/missing.js";
import type { OpenChat } from "../thread/open-chat.js";
import { SidePanel } from "../thread/side-panel.js";
import { NoChat, Thread } from "../thread/thread.js";
import { ChatDialog, type DialogName } from "../ticket/dialogs.js";
import { listName } from "../views/open-list.js";
import { BottomBar } from "./bottom-bar.js";
import { canHandOver, canMerge, canPutAside } from "./can.js";
import type { Desk } from "./desk.js";
import { listenForKeys } from "./keys.js";
import { KeysDialog } from "./keys-dialog.js";
import { LiveRegion } from "./live-region.js";
import { OfferCards } from "./offer-cards.js";
import { Rail } from "./rail.js";
import { usePageTitle } from "./title.js";
import { Toaster } from "./toaster.js";

/** The signed-in page: rail, list, thread, side panel, as many as there is room for. */
export function DeskPage({ desk, onLogout }: { desk: Desk; onLogout: () => void }) {
	const chat = desk.chat.value;
	const { session, settings } = desk.router.place.value;
	const missing = chat?.snapshot.value.missing ?? false;
	const [sideOpen, setSideOpen] = useState(false);
	const [keysShown, setKeysShown] = useState(false);
	const [dialog, setDialog] = useState<{ name: DialogName; chat: SessionId } | null>(null);
	const onDialog = (name: DialogName) => setDialog(chat && { name, chat: chat.id });
	const side = useRef(sideOpen);
	side.current = sideOpen;

	useEffect(
		() =>
			listenForKeys({
				desk,
				sideOpen: () => side.current,
				toggleSide: () => setSideOpen(!side.current),
				showKeys: () => setKeysShown(true),
				openDialog: (name) => {
					const open = desk.chat.peek();
					if (open && mayOpen(desk, open, name)) setDialog({ name, chat: open.id });
				},
			}),
		[desk],
	);
	usePageTitle(desk, titleOf(desk));
	const leave = () => desk.router.leave(onLogout);

	return (
		<div class={chat || session ? "desk has-chat" : settings !== null ? "desk in-settings" : "desk"}>
			<Rail desk={desk} onLogout={leave} />
			<main class="work">
				{settings === null ? (
					<Chats desk={desk} sideOpen={sideOpen} onSide={() => setSideOpen(!sideOpen)} onDialog={onDialog} />
				) : (
					<SettingsEntry desk={desk} />
				)}
				<Toaster desk={desk} />
				<OfferCards desk={desk} />
			</main>
			{chat && !missing && (
				<SidePanel
					desk={desk}
					chat={chat}
					open={sideOpen}
					onClose={() => setSideOpen(false)}
					onDialog={onDialog}
				/>
			)}
			<BottomBar desk={desk} onLogout={leave} />
			<LiveRegion announcer={desk.announcer} />
			{chat && dialog?.chat === chat.id && (
				<ChatDialog name={dialog.name} desk={desk} chat={chat} onDone={() => setDialog(null)} />
			)}
			{keysShown && <KeysDialog onClose={() => setKeysShown(false)} />}
		</div>
	);
}

/** The list, and the chat that is open. */
function Chats(props: {
	desk: Desk;
	sideOpen: boolean;
	onSide: () => void;
	onDialog: (name: DialogName) => void;
}) {
	const { desk } = props;
	const chat = desk.chat.value;
	const { session } = desk.router.place.value;
	return (
		<>
			<ChatList desk={desk} />
			<div class="thread-pane">
				{chat ? (
					<Thread key={chat.id} {...props} chat={chat} />
				) : session ? (
					<Missing desk={desk} />
				) : (
					<NoChat desk={desk} />
				)}
			</div>
		</>
	);
}

/** What the menu does not offer, no key does. */
function mayOpen(desk: Desk, chat: OpenChat, name: DialogName): boolean {
	const { summary, missing } = chat.snapshot.peek();
	if (!summary || missing) return false;
	if (name === "aside") return canPutAside(summary);
	if (name === "merge") return canMerge(summary);
	return name !== "hand-over" || canHandOver(summary, desk.me);
}

/** Null: the settings say so themselves. */
function titleOf(desk: Desk): string | null {
	const { view, settings } = desk.router.place.value;
	const summary = desk.chat.value?.snapshot.value.summary;
	if (settings !== null) return null;
	return summary ? contactName(summary.contact) : listName(desk.views, view);
}

import { useEffect, useRef, useState } from "preact/hooks";
import type { SessionId } from "../../protocol/types.js";
import { ChatList } from "../list/chat-list.js";
import { contactName, VIEW_WORDS } from "../names.js";
import { Missing } from "../thread/missing.js";
import { SidePanel } from "../thread/side-panel.js";
import { CloseQuestion, NoChat, Thread } from "../thread/thread.js";
import { BottomBar } from "./bottom-bar.js";
import type { Desk } from "./desk.js";
import { listenForKeys } from "./keys.js";
import { KeysDialog } from "./keys-dialog.js";
import { LiveRegion } from "./live-region.js";
import { Rail } from "./rail.js";
import { Toaster } from "./toaster.js";

/** The signed-in page: rail, list, thread, side panel, as many as there is room for. */
export function DeskPage({ desk, onLogout }: { desk: Desk; onLogout: () => void }) {
	const chat = desk.chat.value;
	const { session } = desk.router.place.value;
	const missing = chat?.snapshot.value.missing ?? false;
	const [sideOpen, setSideOpen] = useState(false);
	const [keysShown, setKeysShown] = useState(false);
	const [closing, setClosing] = useState<SessionId | null>(null);
	const askToClose = () => setClosing(chat?.id ?? null);
	const side = useRef(sideOpen);
	side.current = sideOpen;

	useEffect(
		() =>
			listenForKeys({
				desk,
				sideOpen: () => side.current,
				toggleSide: () => setSideOpen(!side.current),
				showKeys: () => setKeysShown(true),
			}),
		[desk],
	);
	useTitle(desk);

	return (
		<div class={chat || session ? "desk has-chat" : "desk"}>
			<Rail desk={desk} onLogout={onLogout} />
			<main class="work">
				<ChatList desk={desk} />
				<div class="thread-pane">
					{chat ? (
						<Thread
							key={chat.id}
							desk={desk}
							chat={chat}
							sideOpen={sideOpen}
							onSide={() => setSideOpen(!sideOpen)}
							onCloseChat={askToClose}
						/>
					) : session ? (
						<Missing desk={desk} />
					) : (
						<NoChat desk={desk} />
					)}
				</div>
				<Toaster desk={desk} />
			</main>
			{chat && !missing && (
				<SidePanel
					desk={desk}
					chat={chat}
					open={sideOpen}
					onClose={() => setSideOpen(false)}
					onCloseChat={askToClose}
				/>
			)}
			<BottomBar desk={desk} onLogout={onLogout} />
			<LiveRegion announcer={desk.announcer} />
			{chat && closing === chat.id && <CloseQuestion chat={chat} onDone={() => setClosing(null)} />}
			{keysShown && <KeysDialog onClose={() => setKeysShown(false)} />}
		</div>
	);
}

/** "(3) Phương Anh · Hubbub" */
function useTitle(desk: Desk): void {
	const unread = desk.unread.value;
	const summary = desk.chat.value?.snapshot.value.summary;
	const what = summary ? contactName(summary.contact) : VIEW_WORDS[desk.router.place.value.view];
	useEffect(() => {
		document.title = `${unread > 0 ? `(${unread}) ` : ""}${what} · Hubbub`;
	}, [unread, what]);
}

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { SessionSummary } from "../../protocol/types.js";
import { MoreIcon } from "../../ui/icons.js";
import { canHandOver, canMerge, canPutAside, canPutBack, canTakeOver } from "../desk/can.js";
import type { Desk } from "../desk/desk.js";
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

interface MenuItem {
	readonly words: string;
	readonly key?: string;
	/** Only where the head has no room for it. */
	readonly narrow?: boolean;
	readonly run: () => void;
}

function itemsOf({ desk, summary, onDialog, onSide }: ChatMenuProps): readonly MenuItem[] {
	const items: MenuItem[] = [{ words: "Edit details", key: "L", run: () => onDialog("details") }];
	if (canPutAside(summary)) {
		const words = summary.snoozed_until ? "Change when it comes back" : "Put aside";
		items.push({ words, key: "S", run: () => onDialog("aside") });
	}
	if (canHandOver(summary, desk.me))
		items.push({ words: "Hand over", key: "A", run: () => onDialog("hand-over") });
	if (canTakeOver(summary, desk.me)) items.push({ words: "Take over", run: () => void desk.takeOver() });
	if (canPutBack(summary, desk.me)) items.push({ words: "Put back in line", run: () => void desk.putBack() });
	if (canMerge(summary)) items.push({ words: "Merge into another chat", run: () => onDialog("merge") });
	items.push({ words: "About this chat", key: "I", narrow: true, run: onSide });
	return items;
}

/** What else can be done with a chat: a menu button, by the usual keys. */
export function ChatMenu(props: ChatMenuProps) {
	const [open, setOpen] = useState(false);
	const box = useRef<HTMLDivElement>(null);
	const button = useRef<HTMLButtonElement>(null);

	useEffect(() => {
		if (!open) return;
		const onPress = (event: PointerEvent) => {
			if (!(event.target instanceof Node && box.current?.contains(event.target))) setOpen(false);
		};
		document.addEventListener("pointerdown", onPress);
		return () => document.removeEventListener("pointerdown", onPress);
	}, [open]);

	const close = () => {
		setOpen(false);
		button.current?.focus();
	};

	return (
		<div class="chat-menu" ref={box}>
			<button
				type="button"
				ref={button}
				class="icon-button"
				aria-label="More actions"
				title="More actions (M)"
				aria-haspopup="menu"
				aria-expanded={open}
				data-chat-menu
				onClick={() => setOpen(!open)}
				onKeyDown={(event) => {
					if (event.key !== "ArrowDown") return;
					event.preventDefault();
					setOpen(true);
				}}
			>
				<MoreIcon />
			</button>
			{open && (
				<Menu
					items={itemsOf(props)}
					busy={props.chat.busy.value !== null}
					onClose={close}
					onLeave={() => setOpen(false)}
				/>
			)}
		</div>
	);
}

interface MenuProps {
	readonly items: readonly MenuItem[];
	readonly busy: boolean;
	/** Gives the focus back. */
	readonly onClose: () => void;
	/** The focus is on its way elsewhere. */
	readonly onLeave: () => void;
}

function Menu({ items, busy, onClose, onLeave }: MenuProps) {
	const menu = useRef<HTMLDivElement>(null);
	const shown = () =>
		[...(menu.current?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])].filter(
			(item) => item.getClientRects().length > 0,
		);
	useLayoutEffect(() => shown()[0]?.focus(), []);

	const choose = (item: MenuItem | undefined) => {
		if (!item || busy) return;
		// First back: what opens now gives the focus to where it was.
		onClose();
		item.run();
	};

	const onKeyDown = (event: KeyboardEvent) => {
		const all = shown();
		const at = all.indexOf(document.activeElement as HTMLElement);
		const to: Readonly<Record<string, number>> = {
			ArrowDown: (at + 1) % all.length,
			ArrowUp: (at - 1 + all.length) % all.length,
			Home: 0,
			End: all.length - 1,
		};
		const next = to[event.key];
		if (event.key === "Tab") {
			onLeave();
			return;
		}
		if (event.altKey || event.ctrlKey || event.metaKey || event.key === "Enter" || event.key === " ") return;
		if (event.key === "Escape") onClose();
		else if (next !== undefined) all[next]?.focus();
		else choose(items.find(({ key }) => key === event.key.toUpperCase()));
		// While the menu is open, keys are its own.
		event.preventDefault();
	};

	return (
		<div class="menu" role="menu" aria-label="More actions" ref={menu} onKeyDown={onKeyDown} tabIndex={-1}>
			{items.map((item) => (
				<button
					key={item.words}
					type="button"
					role="menuitem"
					tabIndex={-1}
					class={item.narrow ? "menu-item narrow" : "menu-item"}
					aria-disabled={busy}
					onClick={() => choose(item)}
				>
					<span>{item.words}</span>
					{item.key && <kbd>{item.key}</kbd>}
				</button>
			))}
		</div>
	);
}

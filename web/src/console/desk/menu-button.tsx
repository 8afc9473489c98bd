import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

/** One thing that a menu does. */
export interface MenuItem {
	readonly words: string;
	readonly key?: string;
	/** Only where there is no room for it elsewhere. */
	readonly narrow?: boolean;
	readonly run: () => void;
}

/** A button with a menu, by the usual keys. */
export interface MenuButtonProps {
	readonly label: string;
	readonly title: string;
	readonly items: readonly MenuItem[];
	readonly busy?: boolean;
	readonly class?: string;
	/** Keys find it by this. */
	readonly chat?: boolean;
	readonly children: ComponentChildren;
}

export function MenuButton({ label, title, items, busy = false, chat, children, ...rest }: MenuButtonProps) {
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
		<div class={`chat-menu ${rest.class ?? ""}`} ref={box}>
			<button
				type="button"
				ref={button}
				class="icon-button"
				aria-label={label}
				title={title}
				aria-haspopup="menu"
				aria-expanded={open}
				{...(chat ? { "data-chat-menu": true } : {})}
				onClick={() => setOpen(!open)}
				onKeyDown={(event) => {
					if (event.key !== "ArrowDown") return;
					event.preventDefault();
					setOpen(true);
				}}
			>
				{children}
			</button>
			{open && (
				<Menu label={label} items={items} busy={busy} onClose={close} onLeave={() => setOpen(false)} />
			)}
		</div>
	);
}

interface MenuProps {
	readonly label: string;
	readonly items: readonly MenuItem[];
	readonly busy: boolean;
	/** Gives the focus back. */
	readonly onClose: () => void;
	/** The focus is on its way elsewhere. */
	readonly onLeave: () => void;
}

function Menu({ label, items, busy, onClose, onLeave }: MenuProps) {
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
		<div class="menu" role="menu" aria-label={label} ref={menu} onKeyDown={onKeyDown} tabIndex={-1}>
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

import { useLayoutEffect, useRef } from "preact/hooks";
import { useDrop } from "../ui/files.js";
import { ConnectionBar, isShut, Shut } from "./bar.js";
import { Composer } from "./composer.js";
import { useFullScreen } from "./full-screen.js";
import { Header } from "./header.js";
import type { Model } from "./model.js";
import { useObservable } from "./observe.js";
import { Prechat } from "./prechat.js";
import { QueueLine } from "./queue.js";
import { RatingLine } from "./rating.js";
import { Thread } from "./thread.js";
import { words } from "./words.js";

/** Where the keyboard would jump up on focus, the title takes it. */
const coarse = (): boolean => matchMedia("(pointer: coarse)").matches;

export interface PanelProps {
	readonly model: Model;
	readonly host: HTMLElement;
	close(): void;
}

export function Panel({ model, host, close }: PanelProps) {
	const open = useObservable(model.open);
	const phase = useObservable(model.phase);
	const shut = isShut(useObservable(model.status));
	const panel = useRef<HTMLDivElement>(null);
	const fullScreen = useFullScreen(panel, host, open);
	// Wherever on the chat they are dropped.
	const over = useDrop(panel, phase.name === "chat" && !shut ? (files) => model.attaching?.add(files) : null);

	const inside = panel.current?.contains(activeAt(panel.current)) ?? false;

	useLayoutEffect(() => {
		if (!open) return;
		const find = (what: string) => panel.current?.querySelector<HTMLElement>(what);
		const first = (coarse() ? null : find("[data-first]")) ?? find("[data-title]");
		first?.focus({ preventScroll: true });
	}, [open, phase.name]);

	return (
		<div
			ref={panel}
			class="panel"
			role="dialog"
			aria-modal={fullScreen}
			aria-label={words.chatWith(model.config.name)}
			data-open={open}
			onKeyDown={(event) => {
				// Escape first ends an input method's composition.
				if (event.key === "Escape" && !event.isComposing) {
					event.stopPropagation();
					close();
				} else if (fullScreen && event.key === "Tab") keepInside(event, panel.current);
			}}
		>
			<Header model={model} close={close} />
			{phase.name === "form" ? (
				<Prechat model={model} gone={phase.gone} />
			) : (
				<>
					<ConnectionBar model={model} />
					<Thread model={model} />
					{shut ? (
						<Shut focus={inside} />
					) : (
						<>
							<QueueLine model={model} />
							<RatingLine model={model} />
							<Composer model={model} />
							{over && <p class="drop-here">{words.dropHere}</p>}
						</>
					)}
				</>
			)}
		</div>
	);
}

/** Full screen there is nothing else to go to: after the last comes the first. */
function keepInside(event: KeyboardEvent, panel: HTMLElement | null): void {
	const stops = [
		...(panel?.querySelectorAll<HTMLElement>("button, input, textarea, select, [tabindex='0']") ?? []),
	].filter((element) => element.getClientRects().length > 0);
	const from = event.shiftKey ? stops[0] : stops.at(-1);
	if (activeAt(panel) !== from) return;
	event.preventDefault();
	(event.shiftKey ? stops.at(-1) : stops[0])?.focus();
}

/** Where the keyboard is, as far as can be seen from there. */
function activeAt(element: HTMLElement | null): Element | null {
	const root = element?.getRootNode();
	return root instanceof ShadowRoot ? root.activeElement : document.activeElement;
}

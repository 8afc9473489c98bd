import type { RefObject } from "preact";
import { useRef, useState } from "preact/hooks";
import type { Desk } from "../desk/desk.js";
import type { Colleague } from "../ticket/colleagues.js";
import { type Naming, named, namingAt, whoFits } from "./mentions.js";
import type { OpenChat } from "./open-chat.js";

const LIST = "naming-list";
const optionId = (at: number) => `naming-${at}`;

interface NamingOptions {
	readonly desk: Desk;
	readonly chat: OpenChat;
	readonly field: RefObject<HTMLTextAreaElement | null>;
	readonly on: boolean;
}

/** Naming a colleague while a note is written: a list below `@`, by the keys of a list box. */
export function useNaming({ desk, chat, field, on }: NamingOptions) {
	const [naming, setNaming] = useState<Naming | null>(null);
	const [colleagues, setColleagues] = useState<readonly Colleague[]>([]);
	const [active, setActive] = useState(0);
	const asked = useRef(false);
	const options = on && naming ? whoFits(colleagues, naming) : [];
	const open = options.length > 0;
	const at = Math.min(active, options.length - 1);

	const close = () => setNaming(null);

	const look = () => {
		const area = field.current;
		const next = on && area ? namingAt(area.value, area.selectionStart) : null;
		if (next?.at !== naming?.at || next?.typed !== naming?.typed) setActive(0);
		setNaming(next);
		if (!next || asked.current) return;
		asked.current = true;
		void desk.everybody().then((found) => {
			if (found.state === "known") {
				setColleagues(found.all);
				desk.announcer.say("Choose a colleague with the arrow keys");
			} else asked.current = false;
		});
	};

	const choose = (one: Colleague | undefined) => {
		const area = field.current;
		if (!area || !naming || !one) return;
		const next = named(area.value, naming, one.name);
		chat.mention({ id: one.id, name: one.name });
		chat.write(next.text);
		close();
		area.value = next.text;
		area.setSelectionRange(next.caret, next.caret);
		area.focus();
	};

	/** Whether the key was the list's. */
	const onKeyDown = (event: KeyboardEvent): boolean => {
		if (!open) return false;
		const count = options.length;
		if (event.key === "ArrowDown") setActive((at + 1) % count);
		else if (event.key === "ArrowUp") setActive((at - 1 + count) % count);
		else if (event.key === "Enter" || event.key === "Tab") choose(options[at]);
		else if (event.key === "Escape") close();
		else return false;
		event.preventDefault();
		event.stopPropagation();
		return true;
	};

	const attributes = on
		? {
				"aria-autocomplete": "list" as const,
				"aria-haspopup": "listbox" as const,
				"aria-controls": open ? LIST : undefined,
				"aria-activedescendant": open ? optionId(at) : undefined,
			}
		: {};
	return { options, at, open, look, close, choose, onKeyDown, attributes };
}

/** Who can be named. */
export function NameList({ naming }: { naming: ReturnType<typeof useNaming> }) {
	if (!naming.open) return null;
	return (
		<div class="name-list" role="listbox" id={LIST} aria-label="Colleagues">
			{naming.options.map((one, at) => (
				<div
					key={one.id}
					id={optionId(at)}
					role="option"
					tabIndex={-1}
					class="name-option"
					aria-selected={at === naming.at}
					dir="auto"
					// Before the field loses the focus.
					onPointerDown={(event) => {
						event.preventDefault();
						naming.choose(one);
					}}
				>
					{one.name}
				</div>
			))}
		</div>
	);
}

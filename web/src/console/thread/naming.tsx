import type { RefObject } from "preact";
import { useRef, useState } from "preact/hooks";
import type { Desk } from "../desk/desk.js";
import type { Colleague } from "../ticket/colleagues.js";
import { type Naming, named, namingAt, whoFits } from "./mentions.js";
import type { OpenChat } from "./open-chat.js";
import { Suggestions, useSuggestions } from "./suggestions.js";

interface NamingOptions {
	readonly desk: Desk;
	readonly chat: OpenChat;
	readonly field: RefObject<HTMLTextAreaElement | null>;
	readonly on: boolean;
}

/** Naming a colleague while a note is written: a list below `@`. */
export function useNaming({ desk, chat, field, on }: NamingOptions) {
	const [naming, setNaming] = useState<Naming | null>(null);
	const [colleagues, setColleagues] = useState<readonly Colleague[]>([]);
	const asked = useRef(false);
	const options = on && naming ? whoFits(colleagues, naming) : [];

	const close = () => setNaming(null);

	const choose = (one: Colleague) => {
		const area = field.current;
		if (!area || !naming) return;
		const next = named(area.value, naming, one.name);
		chat.mention({ id: one.id, name: one.name });
		chat.write(next.text);
		close();
		area.value = next.text;
		area.setSelectionRange(next.caret, next.caret);
		area.focus();
	};

	const suggestions = useSuggestions({ list: "naming-list", options, on, choose, close });

	const look = () => {
		const area = field.current;
		const next = on && area ? namingAt(area.value, area.selectionStart) : null;
		if (next?.at !== naming?.at || next?.typed !== naming?.typed) suggestions.restart();
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

	return { suggestions, look, close };
}

/** Who can be named. */
export function NameList({ naming: { suggestions } }: { naming: ReturnType<typeof useNaming> }) {
	if (!suggestions.open) return null;
	return (
		<Suggestions
			of={suggestions}
			label="Colleagues"
			class="name-list"
			optionClass="name-option"
			keyOf={({ id }) => id}
		>
			{({ name }) => name}
		</Suggestions>
	);
}

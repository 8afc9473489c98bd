import { useEffect, useRef, useState } from "preact/hooks";
import { CloseIcon, SearchIcon } from "../../ui/icons.js";
import type { Desk } from "../desk/desk.js";
import { focusPane, moveInList } from "../panes.js";

/** Where one searches all chats; what is typed stands in the address. */
export function SearchField({ desk, text }: { desk: Desk; text: string }) {
	const [typed, setTyped] = useState(text);
	const field = useRef<HTMLInputElement>(null);
	const { search } = desk.router.place.value;

	// The address was changed by somebody else, such as the browser's way back.
	useEffect(() => setTyped(text), [text]);
	const go = (next: string) => {
		setTyped(next);
		desk.router.go({ search: next === "" ? undefined : next }, { replace: search !== undefined });
	};
	const onKeyDown = (event: KeyboardEvent) => {
		if (event.isComposing) return;
		if (event.key === "Escape") {
			if (search === undefined) field.current?.blur();
			else go("");
			focusPane("list");
		} else if (event.key === "ArrowDown") moveInList(1);
		else if (event.key === "Enter") document.querySelector<HTMLElement>("[data-row]")?.click();
		else return;
		event.preventDefault();
	};
	return (
		<search class="search">
			<SearchIcon size={16} />
			<input
				ref={field}
				type="text"
				inputMode="search"
				enterkeyhint="search"
				aria-label="Search all chats"
				placeholder="Search: words, name, phone, #number"
				autoComplete="off"
				spellcheck={false}
				maxLength={200}
				dir="auto"
				value={typed}
				data-search
				onInput={(event) => go(event.currentTarget.value)}
				onKeyDown={onKeyDown}
			/>
			{typed === "" ? (
				<span class="search-key" aria-hidden="true">
					/
				</span>
			) : (
				<button
					type="button"
					class="icon-button"
					aria-label="End the search"
					title="End the search (Esc)"
					onClick={() => {
						go("");
						focusPane("list");
					}}
				>
					<CloseIcon size={16} />
				</button>
			)}
		</search>
	);
}

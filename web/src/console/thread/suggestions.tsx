import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

interface SuggestingOptions<T> {
	/** The id of the list in the page. */
	readonly list: string;
	readonly options: readonly T[];
	/** What is typed can be followed by such a list. */
	readonly on: boolean;
	readonly choose: (one: T) => void;
	readonly close: () => void;
}

/** What can be put into a field, by the keys of a list box; the focus stays in the field. */
export function useSuggestions<T>({ list, options, on, choose, close }: SuggestingOptions<T>) {
	const [active, setActive] = useState(0);
	const open = on && options.length > 0;
	const at = Math.min(active, options.length - 1);
	const optionId = (one: number) => `${list}-${one}`;

	/** Whether the key was the list's. */
	const onKeyDown = (event: KeyboardEvent): boolean => {
		const chosen = options[at];
		if (!open || !chosen) return false;
		const count = options.length;
		if (event.key === "ArrowDown") setActive((at + 1) % count);
		else if (event.key === "ArrowUp") setActive((at - 1 + count) % count);
		else if (event.key === "Enter" || (event.key === "Tab" && !event.shiftKey)) choose(chosen);
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
				"aria-controls": open ? list : undefined,
				"aria-activedescendant": open ? optionId(at) : undefined,
			}
		: {};
	/** Back to the first. */
	const restart = () => setActive(0);
	return { list, options, open, at, optionId, restart, choose, onKeyDown, attributes };
}

/** The list of it. */
export function Suggestions<T>({
	of,
	label,
	keyOf,
	children,
	...rest
}: {
	of: ReturnType<typeof useSuggestions<T>>;
	label: string;
	keyOf: (one: T) => string;
	children: (one: T) => ComponentChildren;
	class: string;
	optionClass: string;
}) {
	const box = useRef<HTMLDivElement>(null);
	useLayoutEffect(() => {
		box.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
	}, [of.at]);
	return (
		<div class={rest.class} role="listbox" id={of.list} aria-label={label} ref={box}>
			{of.options.map((one, at) => (
				<div
					key={keyOf(one)}
					id={of.optionId(at)}
					role="option"
					tabIndex={-1}
					class={rest.optionClass}
					aria-selected={at === of.at}
					dir="auto"
					// Before the field loses the focus.
					onPointerDown={(event) => {
						event.preventDefault();
						of.choose(one);
					}}
				>
					{children(one)}
				</div>
			))}
		</div>
	);
}

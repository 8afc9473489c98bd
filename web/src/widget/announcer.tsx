import { useEffect, useRef, useState } from "preact/hooks";
import type { Model } from "./model.js";
import { useObservable } from "./observe.js";
import { words } from "./words.js";

/** Says once, to those who do not see it, what has just come. */
export function Announcer({ model }: { model: Model }) {
	const [text, setText] = useState("");
	const trouble = useObservable(model.trouble);
	const phase = useObservable(model.phase);
	const before = useRef(trouble);

	useEffect(
		() =>
			model.arrived.subscribe(({ sender, body }) => {
				setText(words.said(sender.kind === "agent" ? sender.name : undefined, body));
			}),
		[model],
	);

	useEffect(() => {
		if (trouble && model.status.get().stopped) setText("");
		else if (trouble) setText(`${words.reconnecting} ${words.reconnectingMore}`);
		else if (before.current && phase.name === "chat") setText(words.backOnline);
		before.current = trouble;
	}, [trouble, phase.name]);

	return (
		<div class="unseen" aria-live="polite" aria-atomic="true">
			{text}
		</div>
	);
}

import { useState } from "preact/hooks";
import type { Entry } from "../protocol/types.js";
import { MoreIcon } from "../ui/icons.js";
import type { Model } from "./model.js";
import { words } from "./words.js";

/** What a visitor can still do with what they wrote. */
export function LineActions({ entry, model }: { readonly entry: Entry; readonly model: Model }) {
	const [shown, setShown] = useState<"no" | "actions" | "sure" | "failed">("no");
	if (!model.canAmend(entry)) return null;
	if (shown === "no" || shown === "failed") {
		return (
			<span class="line-actions">
				{shown === "failed" && <span role="alert">{words.amendFailed}</span>}
				<button
					type="button"
					class="line-more"
					aria-label={words.moreFor}
					aria-expanded="false"
					onClick={() => setShown("actions")}
				>
					<MoreIcon size={16} />
				</button>
			</span>
		);
	}
	const stop = (): void => setShown("no");
	if (shown === "sure") {
		const remove = async (): Promise<void> => {
			setShown((await model.remove(entry)) ? "no" : "failed");
		};
		return (
			<span class="line-actions line-open">
				<span>{words.sureToDelete}</span>
				<button type="button" class="link-button" ref={focus} onClick={stop}>
					{words.keepIt}
				</button>
				<button type="button" class="link-button line-danger" onClick={() => void remove()}>
					{words.remove}
				</button>
			</span>
		);
	}
	return (
		<span class="line-actions line-open">
			<button
				type="button"
				class="link-button"
				ref={focus}
				onClick={() => {
					stop();
					model.editing.set(entry);
				}}
			>
				{words.edit}
			</button>
			<button type="button" class="link-button" onClick={() => setShown("sure")}>
				{words.remove}
			</button>
			<button type="button" class="link-button" onClick={stop}>
				{words.cancel}
			</button>
		</span>
	);
}

/** What takes a button's place takes its focus. */
function focus(element: HTMLElement | null): void {
	element?.focus();
}

import { Avatar } from "../ui/avatar.js";
import { CloseIcon } from "../ui/icons.js";
import type { Model } from "./model.js";
import { useObservable } from "./observe.js";
import { clock } from "./times.js";
import { words } from "./words.js";

/** The newest message beside the launcher, while the panel is closed. It takes no focus, and stays until acted on. */
export function Preview({ model, open }: { model: Model; open(): void }) {
	const entry = useObservable(model.preview);
	if (entry === null) return null;
	const { sender, body, created_at } = entry;
	const who = sender.kind === "agent" ? sender : { id: "team", name: undefined };
	return (
		<div class="preview">
			<button type="button" class="preview-open" onClick={open}>
				<Avatar id={who.id} name={who.name} size={36} />
				<span class="preview-text">
					<span class="preview-head">
						<bdi>{who.name ?? words.theTeam}</bdi>
						<span class="preview-time">{clock(Date.parse(created_at))}</span>
					</span>
					<span class="preview-body" dir="auto">
						{body}
					</span>
				</span>
			</button>
			<button type="button" class="preview-close" aria-label={words.dismiss} onClick={() => model.dismiss()}>
				<CloseIcon size={16} />
			</button>
		</div>
	);
}

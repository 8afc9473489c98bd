import type { ComponentChildren } from "preact";
import { AlertIcon } from "../../ui/icons.js";
import { Frame } from "./modal.js";

/** A dialog with something to fill in. */
export interface FormDialogProps {
	readonly title: string;
	readonly children: ComponentChildren;
	/** What the main button does, and what it says while it does. */
	readonly verb: string;
	readonly doing: string;
	readonly busy: boolean;
	/** Nothing can be sent yet. */
	readonly unready?: boolean;
	/** Why it did not work, and what to do. */
	readonly trouble: string | null;
	readonly onSubmit: () => void;
	readonly onCancel: () => void;
}

/** Stays open, with all that was typed, until the server has taken it. */
export function FormDialog(props: FormDialogProps) {
	const { title, children, verb, doing, busy, unready = false, trouble, onSubmit, onCancel } = props;
	return (
		<Frame title={title} onCancel={onCancel}>
			<form
				noValidate
				onSubmit={(event) => {
					event.preventDefault();
					if (!busy && !unready) onSubmit();
				}}
			>
				<div class="modal-form">{children}</div>
				<div role="alert">
					{trouble && (
						<p class="modal-trouble">
							<AlertIcon size={16} />
							<span dir="auto">{trouble}</span>
						</p>
					)}
				</div>
				<div class="modal-acts">
					<button type="button" class="button outline" onClick={onCancel}>
						Cancel
					</button>
					<button type="submit" class="button main" aria-disabled={busy || unready}>
						{busy ? doing : verb}
					</button>
				</div>
			</form>
		</Frame>
	);
}

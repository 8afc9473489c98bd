import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";

/** A question before what cannot be undone. The safe answer has the focus. */
export interface ModalProps {
	readonly title: string;
	readonly children: ComponentChildren;
	readonly safe: string;
	readonly onSafe: () => void;
	/** Without it, there is nothing to decide. */
	readonly verb?: string;
	readonly onVerb?: () => void;
}

/** A dialog over the page; Escape is the safe answer. */
export function Modal({ title, children, safe, onSafe, verb, onVerb }: ModalProps) {
	return (
		<Frame title={title} onCancel={onSafe}>
			<div class="modal-body">{children}</div>
			<div class="modal-acts">
				<button type="button" class="button outline" onClick={onSafe} autofocus>
					{safe}
				</button>
				{verb && (
					<button type="button" class="button danger" onClick={onVerb}>
						{verb}
					</button>
				)}
			</div>
		</Frame>
	);
}

/** What every dialog is in: it takes the focus, and gives it back when it is gone. */
export function Frame({ title, children, onCancel }: FrameProps) {
	const dialog = useRef<HTMLDialogElement>(null);
	const id = useId();
	// At once, not after a frame: so the focus comes back to where it was.
	useLayoutEffect(() => {
		const element = dialog.current;
		element?.showModal();
		return () => element?.close();
	}, []);
	return (
		<dialog
			ref={dialog}
			class="modal"
			aria-labelledby={id}
			onCancel={(event) => {
				event.preventDefault();
				onCancel();
			}}
		>
			<h2 id={id}>{title}</h2>
			{children}
		</dialog>
	);
}

interface FrameProps {
	readonly title: string;
	readonly children: ComponentChildren;
	readonly onCancel: () => void;
}

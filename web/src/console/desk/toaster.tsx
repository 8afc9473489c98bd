import { useEffect, useState } from "preact/hooks";
import type { Desk, Toast } from "./desk.js";

const SHOWN_MS = 6_000;

/** The passing word at the bottom. The live region says it, so it is not said again here. */
export function Toaster({ desk }: { desk: Desk }) {
	const toast = desk.toast.value;
	return toast && <OneToast key={toast.id} toast={toast} onGone={() => desk.dismissToast(toast.id)} />;
}

function OneToast({ toast, onGone }: { toast: Toast; onGone: () => void }) {
	const [held, setHeld] = useState(false);
	// The toast is keyed by its id: another one is another component, and `onGone` stays good.
	useEffect(() => {
		if (held) return;
		const timer = setTimeout(onGone, SHOWN_MS);
		return () => clearTimeout(timer);
	}, [held]);
	const { act } = toast;
	return (
		<div
			class="toast"
			onPointerEnter={() => setHeld(true)}
			onPointerLeave={() => setHeld(false)}
			onFocusCapture={() => setHeld(true)}
			onBlurCapture={() => setHeld(false)}
		>
			<span dir="auto">{toast.text}</span>
			{act && (
				<button
					type="button"
					class="link"
					data-toast-act
					onClick={() => {
						onGone();
						act.run();
					}}
				>
					{act.word}
				</button>
			)}
		</div>
	);
}

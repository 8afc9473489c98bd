import { KEYS } from "./keys.js";
import { Modal } from "./modal.js";

/** All keys. */
export function KeysDialog({ onClose }: { onClose: () => void }) {
	return (
		<Modal title="Keys" safe="Close" onSafe={onClose}>
			<dl class="keys">
				{KEYS.map(([keys, what]) => (
					<div key={what}>
						<dt>
							{keys.map((key) => (
								<kbd key={key}>{key}</kbd>
							))}
						</dt>
						<dd>{what}</dd>
					</div>
				))}
			</dl>
		</Modal>
	);
}

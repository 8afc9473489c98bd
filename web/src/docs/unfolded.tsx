import type { JSX } from "preact";
import { useState } from "preact/hooks";

interface Props {
	readonly label: string;
	readonly children: () => JSX.Element;
}

/** Something to be opened; made only then, since types refer to one another without end. */
export function Unfolded({ label, children }: Props) {
	const [open, setOpen] = useState(false);
	return (
		<details class="unfolded" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
			<summary>{label}</summary>
			{open && children()}
		</details>
	);
}

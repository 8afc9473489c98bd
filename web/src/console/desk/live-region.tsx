import type { Announcer } from "./announcer.js";

/** What is said to assistive technology; not seen. */
export function LiveRegion({ announcer }: { announcer: Announcer }) {
	return (
		<div class="unseen" aria-live="polite" role="status">
			{announcer.said.value.map(({ id, text }) => (
				<p key={id} dir="auto">
					{text}
				</p>
			))}
		</div>
	);
}

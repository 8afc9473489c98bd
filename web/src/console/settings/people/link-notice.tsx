import { useEffect, useRef } from "preact/hooks";
import type { Agent } from "../../../protocol/types.js";
import { coming } from "../../times.js";
import { CopyText } from "../copy.js";
import type { SectionProps } from "../sections.js";

/** A link that was made just now: the server does not tell it again. */
export function LinkNotice({
	desk,
	workspace,
	agent,
}: Pick<SectionProps, "desk" | "workspace"> & { agent: Agent }) {
	const link = workspace.links.value.get(agent.id);
	const heading = useRef<HTMLHeadingElement>(null);
	useEffect(() => {
		if (link) heading.current?.focus();
	}, [link]);
	if (!link) return null;
	const invitation = link.kind === "invitation";
	return (
		<section class="notice" aria-labelledby="link-title">
			<h2 id="link-title" ref={heading} tabIndex={-1}>
				{invitation ? "The invitation is ready" : "The link for a new password is ready"}
			</h2>
			<p>
				Hand it over by a way you trust: Hubbub sends no mail. It works once, until{" "}
				{coming(link.expires_at, Date.now())}, and is not shown again.
			</p>
			<CopyText announcer={desk.announcer} label={invitation ? "Invitation" : "Link"} text={link.url} />
		</section>
	);
}

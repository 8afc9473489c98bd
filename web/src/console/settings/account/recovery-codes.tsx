import { useEffect, useRef } from "preact/hooks";
import type { Desk } from "../../desk/desk.js";
import { CopyText } from "../copy.js";
import { LeaveGuard } from "../page.js";

/** The codes that stand in for the app: shown now, and never again. */
export function RecoveryCodesPanel({
	desk,
	codes,
	onKept,
}: {
	desk: Desk;
	codes: readonly string[];
	onKept: () => void;
}) {
	const heading = useRef<HTMLHeadingElement>(null);
	useEffect(() => heading.current?.focus(), []);
	const text = codes.join("\n");
	return (
		<section class="notice" aria-labelledby="recovery-title">
			<h3 id="recovery-title" ref={heading} tabIndex={-1}>
				Keep these recovery codes
			</h3>
			<p>
				Each stands in for the app once, when it is lost. They are shown only now. Keep them where you keep
				what is important, but not beside your password.
			</p>
			<CopyText announcer={desk.announcer} label="Recovery codes" text={text} rows={codes.length} />
			<p class="acts">
				<a
					class="button outline"
					href={`data:text/plain;charset=utf-8,${encodeURIComponent(`${fileHead()}\n\n${text}\n`)}`}
					download="hubbub-recovery-codes.txt"
				>
					Download
				</a>
				<button type="button" class="button main" onClick={onKept}>
					I have kept them
				</button>
			</p>
			<LeaveGuard router={desk.router} title="Leave the recovery codes?" verb="Leave them">
				They are not shown again. Without them, only an admin can let you in when the app is lost.
			</LeaveGuard>
		</section>
	);
}

const fileHead = () => `Recovery codes for ${location.host}. Each works once.`;

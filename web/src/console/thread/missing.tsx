import { ConnectionBar } from "../desk/connection-bar.js";
import type { Desk } from "../desk/desk.js";
import type { OpenChat } from "./open-chat.js";

/** Not found and forbidden look alike. A chat that was here a moment ago has mostly been taken by somebody. */
export function Missing({ desk, chat }: { desk: Desk; chat?: OpenChat }) {
	const seen = chat?.snapshot.value.summary;
	const draft = chat?.draft.value.trim();
	return (
		<section class="thread" aria-label="Chat">
			<ConnectionBar desk={desk} />
			<div class="nothing">
				<h1 id="thread-title" tabIndex={-1}>
					{seen ? "This chat is not open to you any more." : "This chat is not here, or not open to you."}
				</h1>
				{seen && <p>Somebody else may have taken it.</p>}
				{draft && (
					<figure class="kept">
						<figcaption>What you wrote is kept:</figcaption>
						<blockquote dir="auto">{draft}</blockquote>
					</figure>
				)}
				<button type="button" class="button outline" onClick={() => desk.router.go({ session: null })}>
					Back to the list
				</button>
			</div>
		</section>
	);
}

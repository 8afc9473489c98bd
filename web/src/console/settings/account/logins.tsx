import { useState } from "preact/hooks";
import { HttpError } from "../../../client/index.js";
import type { AgentLogin } from "../../../protocol/types.js";
import { Modal } from "../../desk/modal.js";
import { ago, dayAndClock } from "../../times.js";
import { useNow } from "../../use-now.js";
import { Known, keepFocus, Part } from "../page.js";
import type { SectionProps } from "../sections.js";
import { browserWords } from "./browser-words.js";

/** Where I am signed in, and how to be no longer. */
export function Logins({ desk, workspace }: Pick<SectionProps, "desk" | "workspace">) {
	const [asked, setAsked] = useState(false);
	const now = useNow(60_000);
	const end = async (path: string, done: string) => {
		try {
			await workspace.http.delete(path);
			desk.tell(done);
		} catch (error) {
			if (!(error instanceof HttpError)) throw error;
			// Gone already is what was asked for.
			if (error.status !== 404) desk.tell(error.message);
		}
		await workspace.logins.refresh();
		keepFocus();
	};
	return (
		<Part id="logins" title="Where you are signed in" lead="What is open there is closed at once.">
			<Known of={workspace.logins}>
				{(logins) => (
					<>
						<ul class="rows">
							{logins.map((login) => (
								<Login
									key={login.id}
									login={login}
									now={now}
									onEnd={() => void end(`/auth/logins/${login.id}`, "The login is ended")}
								/>
							))}
						</ul>
						{logins.length > 1 && (
							<button type="button" class="button outline" onClick={() => setAsked(true)}>
								Sign out everywhere else
							</button>
						)}
					</>
				)}
			</Known>
			{asked && (
				<Modal
					title="Sign out everywhere else?"
					safe="Stay signed in"
					verb="Sign out everywhere else"
					onSafe={() => setAsked(false)}
					onVerb={() => {
						setAsked(false);
						void end("/auth/logins", "You are signed out everywhere else");
					}}
				>
					All your logins but this one are ended.
				</Modal>
			)}
		</Part>
	);
}

function Login({ login, now, onEnd }: { login: AgentLogin; now: number; onEnd: () => void }) {
	const name = browserWords(login.label);
	return (
		<li class="row-line">
			<span class="row-main">
				<strong title={login.label}>{name}</strong>
				<span>
					since {dayAndClock(login.created_at, now)} · last used {lastUsed(login.seen_at, now)}
				</span>
			</span>
			{login.current ? (
				<span class="tag">This one</span>
			) : (
				<button type="button" class="button outline small" onClick={onEnd} aria-label={`Sign out: ${name}`}>
					Sign out
				</button>
			)}
		</li>
	);
}

const DAY_MS = 24 * 60 * 60_000;

/** "just now", "12 min ago", "Yesterday" */
function lastUsed(at: string, now: number): string {
	const words = ago(at, now);
	if (words === "now") return "just now";
	return now - new Date(at).getTime() < DAY_MS ? `${words} ago` : words;
}

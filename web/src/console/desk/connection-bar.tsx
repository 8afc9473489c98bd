import type { Client } from "../../client/index.js";
import { CLOSE } from "../../protocol/types.js";
import { RetryIcon } from "../../ui/icons.js";
import { clock } from "../times.js";
import { useSecondsUntil } from "../use-now.js";
import type { Desk } from "./desk.js";

/** Grey, never red: this mends itself. Shown only once it has lasted. */
export function ConnectionBar({ desk }: { desk: Desk }) {
	const now = desk.status.value;
	if (now.stopped) return <StoppedBar client={desk.client} code={now.stopped.code} />;
	if (!desk.away.value) return null;
	return (
		<div class="connection-bar">
			<RetryIcon size={16} />
			<p>
				<strong>{now.state === "connecting" ? "Connecting." : `Offline since ${clock(now.since)}.`}</strong>{" "}
				<NextTry at={now.retryAt} />
			</p>
			<button type="button" class="button quiet" onClick={() => desk.client.retryNow()}>
				Try now
			</button>
		</div>
	);
}

function NextTry({ at }: { at: number | null }) {
	const seconds = useSecondsUntil(at);
	return <>{seconds === null ? "Trying again." : `Trying in ${seconds} s.`}</>;
}

/** The server asked this page to stay away: only the agent can go on. */
function StoppedBar({ client, code }: { client: Client; code: number }) {
	const outdated = code === CLOSE.PROTOCOL_VERSION;
	return (
		<div class="connection-bar">
			<RetryIcon size={16} />
			<p>
				<strong>
					{outdated
						? "This page is older than the server."
						: code === CLOSE.REPLACED
							? "The console was opened somewhere else."
							: "The server ended the connection."}
				</strong>
			</p>
			<button
				type="button"
				class="button quiet"
				onClick={() => (outdated ? location.reload() : client.start())}
			>
				{outdated ? "Load again" : "Connect again"}
			</button>
		</div>
	);
}

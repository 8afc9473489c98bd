import type { Status } from "../client/api.js";
import { CLOSE } from "../protocol/types.js";
import { RetryIcon } from "../ui/icons.js";
import type { Model } from "./model.js";
import { useObservable } from "./observe.js";
import { words } from "./words.js";

/** What is the matter with the connection, once it has lasted. Grey: it mends itself. */
export function ConnectionBar({ model }: { model: Model }) {
	const status = useObservable(model.status);
	const trouble = useObservable(model.trouble);
	if (status.stopped !== undefined) return <StoppedBar status={status} model={model} />;
	if (!trouble) return null;
	return (
		<div class="bar">
			<RetryIcon size={16} />
			<p>
				<strong>{words.reconnecting}</strong> {words.reconnectingMore}
			</p>
		</div>
	);
}

function StoppedBar({ status, model }: { status: Status; model: Model }) {
	const elsewhere = status.stopped?.code === CLOSE.REPLACED;
	return (
		<div class="bar">
			<p>
				{elsewhere
					? words.elsewhere
					: status.stopped?.code === CLOSE.PROTOCOL_VERSION
						? words.outdated
						: words.unavailable}
			</p>
			{elsewhere && (
				<button type="button" class="link-button" onClick={() => model.restart()}>
					{words.goOnHere}
				</button>
			)}
		</div>
	);
}

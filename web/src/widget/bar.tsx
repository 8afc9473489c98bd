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
	if (status.stopped !== undefined) return <StoppedBar code={status.stopped.code} model={model} />;
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

/** The server wants us to stay away, and what is written here would go nowhere. */
export function isShut({ stopped }: Status): boolean {
	const code = stopped?.code;
	return code !== undefined && code !== CLOSE.REPLACED && code !== CLOSE.PROTOCOL_VERSION;
}

/** In place of the composer. Whoever was in it is taken here. */
export function Shut({ focus }: { focus: boolean }) {
	return (
		<p
			class="shut"
			role="status"
			tabIndex={-1}
			ref={(line) => {
				if (focus) line?.focus();
			}}
		>
			{words.unavailable}
		</p>
	);
}

function StoppedBar({ code, model }: { code: number; model: Model }) {
	const elsewhere = code === CLOSE.REPLACED;
	if (!elsewhere && code !== CLOSE.PROTOCOL_VERSION) return null;
	return (
		<div class="bar">
			<p>{elsewhere ? words.elsewhere : words.outdated}</p>
			{elsewhere && (
				<button type="button" class="link-button" onClick={() => model.restart()}>
					{words.goOnHere}
				</button>
			)}
		</div>
	);
}

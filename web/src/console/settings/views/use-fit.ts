/** How many chats a filter finds, while it is written. */

import { useEffect, useState } from "preact/hooks";
import type { ListSnapshot } from "../../../client/index.js";
import type { ViewFilter } from "../../../protocol/types.js";
import type { Desk } from "../../desk/desk.js";

/** While somebody types, only what stands for so long is counted. */
const PAUSE_MS = 300;

/** What is known of it; that of the filter before stays until then. Null: nothing yet. */
export function useFit({ client }: Desk, filter: ViewFilter): ListSnapshot | null {
	const [fit, setFit] = useState<ListSnapshot | null>(null);
	const key = JSON.stringify(filter);
	useEffect(() => {
		let end = () => {};
		const timer = setTimeout(() => {
			const stream = client.watch(JSON.parse(key) as ViewFilter, 0);
			const show = (next: ListSnapshot) => {
				if (!next.loading) setFit(next);
			};
			const stop = stream.subscribe(show);
			show(stream.get());
			end = () => {
				stop();
				stream.close();
			};
		}, PAUSE_MS);
		return () => {
			clearTimeout(timer);
			end();
		};
	}, [client, key]);
	return fit;
}

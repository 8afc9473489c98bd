/** What the browser's tab says. */

import { useEffect } from "preact/hooks";
import type { Desk } from "./desk.js";

/** "(3) Phương Anh · Hubbub"; null leaves it to somebody else. */
export function usePageTitle(desk: Desk, what: string | null): void {
	const unread = desk.unread.value;
	useEffect(() => {
		if (what !== null) document.title = `${unread > 0 ? `(${unread}) ` : ""}${what} · Hubbub`;
	}, [unread, what]);
}

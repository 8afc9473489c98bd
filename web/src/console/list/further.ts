/** What stands in a list behind the part that is live: page by page, as it was when it was asked for. */

import { useEffect, useRef, useState } from "preact/hooks";
import { HttpError, type ListSnapshot } from "../../client/index.js";
import type { SessionId, SessionSummary, SessionsPage } from "../../protocol/types.js";
import type { Desk } from "../desk/desk.js";
import type { ListView } from "../router.js";
import { canGrow } from "./live-list.js";

const PAGE = 200;

/** More of a list. */
export interface Further {
	/** None of them is in the live part. */
	readonly rows: readonly SessionSummary[];
	/** There is still more. */
	readonly more: boolean;
	readonly busy: boolean;
	readonly failed: string | null;
	/** Asks for more of it. */
	ask(): void;
}

const NOTHING: ReadonlyMap<SessionId, SessionSummary> = new Map();

/** More of `list`, which is that of `view`: live as long as that can be had, then in pages. */
export function useFurther(desk: Desk, view: ListView, list: ListSnapshot): Further {
	const [rows, setRows] = useState(NOTHING);
	const [next, setNext] = useState<string | null>("");
	const [busy, setBusy] = useState(false);
	const [failed, setFailed] = useState<string | null>(null);
	const now = useRef(view);
	now.current = view;

	useEffect(() => {
		setRows(NOTHING);
		setNext("");
		setBusy(false);
		setFailed(null);
	}, [view]);

	// They come and go unnoticed, but what is said in them shows.
	useEffect(() => {
		if (rows.size === 0) return;
		return desk.client.onSession((summary) => {
			setRows((before) => {
				const known = before.get(summary.id);
				if (!known || known.version >= summary.version) return before;
				return new Map(before).set(summary.id, summary);
			});
		});
	}, [desk, rows.size]);

	const page = async () => {
		setBusy(true);
		setFailed(null);
		try {
			const shown = new Set([...list.sessions.map(({ id }) => id), ...rows.keys()]);
			let cursor = next;
			let items: readonly SessionSummary[] = [];
			// The first of them are those that are live.
			while (cursor !== null && items.length === 0) {
				const at: string = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
				const path = `/sessions?view=${view}&limit=${PAGE}${at}`;
				const got: SessionsPage = await desk.client.http.get<SessionsPage>(path);
				items = got.items.filter(({ id }) => !shown.has(id));
				cursor = got.next_cursor;
			}
			if (now.current !== view) return;
			setRows((before) => new Map([...before, ...items.map((one) => [one.id, one] as const)]));
			setNext(cursor);
		} catch (error) {
			if (!(error instanceof HttpError)) throw error;
			if (now.current === view) setFailed(error.message);
		} finally {
			if (now.current === view) setBusy(false);
		}
	};

	const live = new Set(list.sessions.map(({ id }) => id));
	return {
		rows: list.more ? [...rows.values()].filter(({ id }) => !live.has(id)) : [],
		more: list.more && (canGrow(list) || next !== null),
		busy,
		failed,
		ask: () => {
			if (canGrow(list)) desk.showMore();
			else if (!busy) void page();
		},
	};
}

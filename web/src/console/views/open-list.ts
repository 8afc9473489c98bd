/** The list of the place where one is: one that everybody has, or a saved view as long as one is there. */

import { computed, effect, type ReadonlySignal, signal, untracked } from "@preact/signals";
import type { Client, ListSnapshot } from "../../client/index.js";
import type { SavedView, ViewName } from "../../protocol/types.js";
import { type LiveList, liveList } from "../list/live-list.js";
import { VIEW_WORDS } from "../names.js";
import { isViewName, type ListView, type Router } from "../router.js";
import { knownViews, type Views } from "./views.js";

/** What is listed there. */
export interface OpenList {
	/** Null: there is no such view, or it is not known yet. */
	readonly value: ReadonlySignal<ListSnapshot | null>;
	/** Shows more of it. */
	grow(): void;
	close(): void;
}

interface OpenListOptions {
	readonly client: Client;
	readonly router: Router;
	readonly lists: ReadonlyMap<ViewName, LiveList>;
	readonly views: Views;
}

/** The saved view that is meant, where there is one. */
export const savedView = (views: Pick<Views, "all">, view: ListView): SavedView | null =>
	knownViews(views)?.find(({ id }) => id === view) ?? null;

/** What a list is called. */
export const listName = (views: Pick<Views, "all">, view: ListView): string =>
	isViewName(view) ? VIEW_WORDS[view] : (savedView(views, view)?.name ?? "View");

/** Follows the place until `close`. */
export function openList({ client, router, lists, views }: OpenListOptions): OpenList {
	const view = computed(() => router.place.value.view);
	const saved = signal<LiveList | null>(null);
	const wanted = computed(() => savedView(views, view.value)?.id ?? null);
	const end = effect(() => {
		const id = wanted.value;
		untracked(() => {
			saved.value?.close();
			saved.value = id === null ? null : liveList(client, id);
		});
	});
	const open = computed(() => (isViewName(view.value) ? lists.get(view.value) : saved.value) ?? null);
	return {
		value: computed(() => open.value?.value.value ?? null),
		grow: () => open.peek()?.grow(),
		close() {
			end();
			saved.peek()?.close();
		},
	};
}

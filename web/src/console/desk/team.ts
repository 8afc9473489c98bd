/** Who of the team is here, and what each has to do. */

import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import { type Client, HttpError, type TeamState } from "../../client/index.js";
import type { AgentId, Availability, Page, Workload, You } from "../../protocol/types.js";
import { AVAILABILITY_WORDS } from "../names.js";
import type { Announcer } from "./announcer.js";

/** The team as it stands, and what I am to it. */
export interface Team {
	/** Who can be given most first; null: not known yet. */
	readonly members: ReadonlySignal<readonly Workload[] | null>;
	readonly mine: ReadonlySignal<Workload | null>;
	/** Why the last question to the server had no answer. */
	readonly trouble: ReadonlySignal<string | null>;
	/** Asks anew: without frames nobody tells us. */
	refresh(): Promise<void>;
	/** What I am from now on. The refusal, if it was one. */
	choose(status: Availability): Promise<HttpError | null>;
	close(): void;
}

/** What a team needs around it. */
export interface TeamOptions {
	readonly client: Client;
	readonly me: You;
	readonly announcer: Announcer;
	readonly onError: (error: unknown) => void;
}

/** The statuses, the readiest first. */
export const AVAILABILITIES: readonly Availability[] = ["online", "busy", "away", "offline"];

/** Why somebody is something else than they chose; null: they are what they chose. */
export function whyOf({ status, chosen, active, max }: Workload): string | null {
	if (status === chosen) return null;
	switch (status) {
		case "busy":
			return `${active} of ${max} chats`;
		case "away":
			return "no activity";
		case "offline":
			return "no connection";
		case "online":
			return null;
	}
}

/** "Away: no activity" */
export function availabilityWords(one: Workload): string {
	const why = whyOf(one);
	return why ? `${AVAILABILITY_WORDS[one.status]}: ${why}` : AVAILABILITY_WORDS[one.status];
}

const inOrder = (a: Workload, b: Workload): number =>
	AVAILABILITIES.indexOf(a.status) - AVAILABILITIES.indexOf(b.status) ||
	a.agent.name.localeCompare(b.agent.name);

/** Follows the team until `close`. */
export function openTeam({ client, me, announcer, onError }: TeamOptions): Team {
	const known = signal<ReadonlyMap<AgentId, Workload> | null>(null);
	const trouble = signal<string | null>(null);
	const mine = computed(() => known.value?.get(me.id) ?? null);
	/** Those who were told of since the last question: its answer may be older. */
	const told = new Map<AgentId, TeamState>();
	let questions = 0;

	const refresh = async () => {
		questions += 1;
		const question = questions;
		told.clear();
		try {
			const { items } = await client.http.get<Page<Workload>>("/agents/workload");
			if (question !== questions) return;
			const all = items.map((one) => [one.agent.id, { ...one, ...told.get(one.agent.id) }] as const);
			known.value = new Map(all);
			trouble.value = null;
		} catch (error) {
			if (question !== questions) return;
			onError(error);
			if (!(error instanceof HttpError)) throw error;
			trouble.value = error.message;
		}
	};

	const ends = [
		client.onTeam(({ agent, status, active, max }) => {
			const before = known.peek()?.get(agent.id);
			const my = agent.id === me.id;
			// Who hears this is connected, so offline was chosen, if in another window. Of anything else only an answer
			// tells whether it was chosen or set by the server.
			if (my && status !== "offline" && status !== before?.chosen) {
				void refresh();
				return;
			}
			const state = { agent, status, active, max };
			told.set(agent.id, state);
			if (known.peek() === null) return;
			known.value = new Map(known.peek()).set(agent.id, {
				...state,
				chosen: my ? status : (before?.chosen ?? status),
			});
		}),
		// Who connects is told of what changes from then on.
		client.status.subscribe(({ state }) => {
			if (state === "online") void refresh();
		}),
		sayWhatIsSet(mine, announcer),
	];
	if (client.status.get().state === "online") void refresh();

	return {
		members: computed(() => known.value && [...known.value.values()].sort(inOrder)),
		mine,
		trouble,
		refresh,
		async choose(status) {
			try {
				await client.http.put("/agents/me/availability", { status });
			} catch (error) {
				onError(error);
				if (!(error instanceof HttpError)) throw error;
				return error;
			}
			await refresh();
			return null;
		},
		close() {
			questions += 1;
			for (const end of ends) end();
		},
	};
}

/** What somebody chose they know; what became of it by itself they are told. */
function sayWhatIsSet(mine: ReadonlySignal<Workload | null>, announcer: Announcer): () => void {
	let before: Workload | null = null;
	return effect(() => {
		const now = mine.value;
		const changed = before !== null && now !== null && now.status !== before.status;
		before = now;
		if (now && changed && whyOf(now)) announcer.say(`You are shown as ${lower(availabilityWords(now))}`);
	});
}

const lower = (words: string): string => words.charAt(0).toLowerCase() + words.slice(1);

import { useEffect } from "preact/hooks";
import type { Agent, Site, Skill, Team } from "../../../protocol/types.js";
import type { Names } from "../../automation/action-words.js";
import type { Loaded } from "../loaded.js";
import type { Workspace } from "../workspace.js";

/** Who and what rules and macros can name; what is not known (yet) is empty. */
export interface Known {
	readonly agents: readonly Agent[];
	readonly teams: readonly Team[];
	readonly skills: readonly Skill[];
	readonly sites: readonly Site[];
	readonly names: Names;
}

const knownOf = <T>({ now }: Loaded<readonly T[]>): readonly T[] =>
	now.value.state === "known" ? now.value.value : [];

const named = <T extends { readonly id: string; readonly name: string }>(all: readonly T[]) =>
	new Map(all.map(({ id, name }) => [id, name]));

/** Asks for all of it. */
export function useNames({ agents, teams, skills, sites }: Workspace): Known {
	useEffect(() => {
		for (const list of [agents, teams, skills, sites]) void list.refresh();
	}, [agents, teams, skills, sites]);
	const known = {
		agents: knownOf(agents),
		teams: knownOf(teams),
		skills: knownOf(skills),
		sites: knownOf(sites),
	};
	const names: Names = {
		agents: named(known.agents),
		teams: named(known.teams),
		skills: named(known.skills),
		sites: new Map(known.sites.map(({ key, name }) => [key, name])),
	};
	return { ...known, names };
}

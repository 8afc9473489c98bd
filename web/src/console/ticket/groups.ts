/** Teams and skills that a chat can be for. */

import { type Client, HttpError } from "../../client/index.js";
import type { Page, Skill, Team } from "../../protocol/types.js";

/** The teams and skills there are; empty where the server did not say. */
export interface Groups {
	readonly teams: readonly Team[];
	readonly skills: readonly Skill[];
}

/** Nothing is known of them yet. */
export const NO_GROUPS: Groups = { teams: [], skills: [] };

/** Asks for both. */
export async function loadGroups(client: Client, onError: (error: unknown) => void): Promise<Groups> {
	try {
		const [teams, skills] = await Promise.all([
			client.http.get<Page<Team>>("/teams"),
			client.http.get<Page<Skill>>("/skills"),
		]);
		return { teams: teams.items, skills: skills.items };
	} catch (error) {
		onError(error);
		if (!(error instanceof HttpError)) throw error;
		// Colleagues can be chosen all the same.
		return NO_GROUPS;
	}
}

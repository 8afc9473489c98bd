/** Whom a chat can be handed to. */

import { type Client, HttpError } from "../../client/index.js";
import type { Agent, AgentId, Page, Role } from "../../protocol/types.js";

/** A member of the team. */
export interface Colleague {
	readonly id: AgentId;
	readonly name: string;
	readonly role: Role;
}

/** What is needed of what the server tells. */
type Member = Pick<Agent, "id" | "name" | "role" | "disabled">;

/** What is known of the team. */
export type Colleagues =
	| { readonly state: "asking" }
	| { readonly state: "known"; readonly all: readonly Colleague[] }
	/** The list is not for us. */
	| { readonly state: "refused" }
	| { readonly state: "failed"; readonly message: string };

const PAGES = 10;

/** Asks for everybody who can be given a chat, but for those in `without`; by name. */
export async function loadColleagues(
	client: Client,
	without: readonly AgentId[],
	onError: (error: unknown) => void,
): Promise<Colleagues> {
	const all: Member[] = [];
	try {
		let cursor: string | null = null;
		for (let page = 0; page < PAGES; page += 1) {
			const path: string = cursor ? `/agents?cursor=${encodeURIComponent(cursor)}` : "/agents";
			const { items, next_cursor }: Page<Member> = await client.http.get(path);
			all.push(...items);
			cursor = next_cursor;
			if (cursor === null) break;
		}
	} catch (error) {
		onError(error);
		if (!(error instanceof HttpError)) throw error;
		if (error.status === 403 || error.status === 404) return { state: "refused" };
		return { state: "failed", message: error.message };
	}
	const able = all.filter(({ id, disabled }) => !disabled && !without.includes(id));
	able.sort((a, b) => a.name.localeCompare(b.name));
	return { state: "known", all: able.map(({ id, name, role }) => ({ id, name, role })) };
}

const plain = (text: string): string => text.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase();

/** Whether a text holds what is looked for, whatever its accents. */
export const holds = (text: string, looked: string): boolean => plain(text).includes(plain(looked.trim()));

/** Those whose name holds what is looked for. */
export const found = (all: readonly Colleague[], looked: string): readonly Colleague[] =>
	all.filter(({ name }) => holds(name, looked));

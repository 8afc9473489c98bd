/** Who has a chat, asked when it matters. */
import type { Client } from "../../client/index.js";
import type { SessionSummary } from "../../protocol/types.js";

/** Who has it now. Null when even that cannot be learnt. */
export async function holder(client: Client, path: string): Promise<string | null> {
	try {
		return (await client.http.get<SessionSummary>(path)).assignee?.name ?? null;
	} catch {
		return null;
	}
}

/** The sentence for a chat that somebody else took first. */
export const takenFirst = (name: string | null): string | null =>
	name ? `${name} took this chat just before you.` : null;

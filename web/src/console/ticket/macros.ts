/** Macros as an agent runs them: finding one, and running it once whatever the network does. */

import { type Http, HttpError } from "../../client/index.js";
import type { Macro, MacroId, MacroRun, RunMacro, SessionId } from "../../protocol/types.js";
import { actionsWords, type Names } from "../automation/action-words.js";
import { holds } from "./colleagues.js";

/** How long is waited before each further try. */
const WAITS_MS: readonly number[] = [500, 2_000];

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Runs a macro. Where no answer comes it is tried again, under the same id: so it runs once. */
export async function runMacro(
	http: Http,
	session: SessionId,
	macro: MacroId,
	run: RunMacro,
	wait: (ms: number) => Promise<void> = pause,
): Promise<MacroRun> {
	const path = `/sessions/${encodeURIComponent(session)}/macros/${encodeURIComponent(macro)}`;
	for (const ms of WAITS_MS) {
		try {
			return await http.post<MacroRun>(path, run);
		} catch (error) {
			if (!(error instanceof HttpError) || (error.status !== 0 && error.status < 500)) throw error;
		}
		await wait(ms);
	}
	return await http.post<MacroRun>(path, run);
}

/** By name, those of one's own first; only what holds what is looked for, in its name or in what it does. */
export function macrosFound(macros: readonly Macro[], looked: string, names: Names): readonly Macro[] {
	const fitting = macros.filter(
		({ name, actions }) => holds(name, looked) || holds(actionsWords(actions, names), looked),
	);
	// Whoever writes a name means it, and not what another one does.
	const rank = (one: Macro) => (holds(one.name, looked) ? 0 : 2) + (one.owner_id === null ? 1 : 0);
	return fitting.sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
}

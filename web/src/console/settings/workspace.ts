/** What the settings show and change: oneself, the team, its groups, the sites. */

import { type ReadonlySignal, signal } from "@preact/signals";
import type { Http } from "../../client/index.js";
import type {
	Agent,
	AgentId,
	AgentLogin,
	EditAgent,
	EditSettings,
	InvitedAgent,
	Link,
	LinkKind,
	Macro,
	NewAgent,
	Page,
	Rule,
	SetSkill,
	Settings,
	Site,
	Skill,
	Team,
	You,
} from "../../protocol/types.js";
import { type Loaded, loaded } from "./loaded.js";

/** A link that was made here, to be handed over. */
export interface MadeLink extends Link {
	readonly kind: LinkKind;
}

/** The workspace, as far as I may see it. */
export interface Workspace {
	readonly me: You;
	readonly http: Http;
	readonly agents: Loaded<readonly Agent[]>;
	readonly teams: Loaded<readonly Team[]>;
	readonly skills: Loaded<readonly Skill[]>;
	readonly sites: Loaded<readonly Site[]>;
	readonly settings: Loaded<Settings>;
	/** In the order in which they are asked. */
	readonly rules: Loaded<readonly Rule[]>;
	/** Mine, and everybody's. */
	readonly macros: Loaded<readonly Macro[]>;
	readonly logins: Loaded<readonly AgentLogin[]>;
	/** Links of this visit: the server tells each once. */
	readonly links: ReadonlySignal<ReadonlyMap<AgentId, MadeLink>>;
	/** Changes a member. */
	editAgent(id: AgentId, edit: EditAgent): Promise<Agent>;
	/** Sections of the settings take the place of what they were. */
	editSettings(edit: EditSettings): Promise<void>;
	/** All of a member's skills. */
	setSkills(id: AgentId, skills: readonly SetSkill[]): Promise<Agent>;
	/** Adds a member, and keeps their link. */
	invite(who: NewAgent): Promise<Agent>;
	/** A new link for a member; ends the older ones. */
	makeLink(id: AgentId, kind: LinkKind): Promise<void>;
	/** Puts what the server has answered into a list, in place of what it was. */
	keep<T extends { readonly id: string }>(list: Loaded<readonly T[]>, one: T): void;
	/** Takes out of a list what is no more. */
	drop<T extends { readonly id: string }>(list: Loaded<readonly T[]>, id: string): void;
}

/** A workspace that asks for nothing by itself. All of what changes it rejects with an `HttpError`. */
export function openWorkspace(http: Http, me: You): Workspace {
	const list = <T>(path: string) => loaded(async () => (await http.get<Page<T>>(path)).items);
	const agents = list<Agent>("/agents");
	const settings = loaded(() => http.get<Settings>("/settings"));
	const links = signal<ReadonlyMap<AgentId, MadeLink>>(new Map());

	const keep: Workspace["keep"] = (list, one) => {
		const now = list.now.peek();
		if (now.state !== "known") return;
		const there = now.value.some(({ id }) => id === one.id);
		list.set(there ? now.value.map((old) => (old.id === one.id ? one : old)) : [...now.value, one]);
	};
	const keepLink = (id: AgentId, kind: LinkKind, link: Link) => {
		links.value = new Map(links.value).set(id, { ...link, kind });
	};

	return {
		me,
		http,
		agents,
		teams: list<Team>("/teams"),
		skills: list<Skill>("/skills"),
		sites: list<Site>("/sites"),
		logins: list<AgentLogin>("/auth/logins"),
		settings,
		rules: list<Rule>("/rules"),
		macros: list<Macro>("/macros"),
		links,
		async editSettings(edit) {
			settings.set(await http.patch<Settings>("/settings", edit));
		},
		async editAgent(id, edit) {
			const agent = await http.patch<Agent>(`/agents/${id}`, edit);
			keep(agents, agent);
			return agent;
		},
		async setSkills(id, skills) {
			const agent = await http.put<Agent>(`/agents/${id}/skills`, skills);
			keep(agents, agent);
			return agent;
		},
		async invite(who) {
			const { agent, invitation } = await http.post<InvitedAgent>("/agents", who);
			keep(agents, agent);
			keepLink(agent.id, "invitation", invitation);
			return agent;
		},
		async makeLink(id, kind) {
			const path = kind === "invitation" ? "invitation" : "password-reset";
			keepLink(id, kind, await http.post<Link>(`/agents/${id}/${path}`));
		},
		keep,
		drop(list, id) {
			const now = list.now.peek();
			if (now.state === "known") list.set(now.value.filter((one) => one.id !== id));
		},
	};
}

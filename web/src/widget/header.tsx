import type { SessionSnapshot } from "../client/api.js";
import { Avatar } from "../ui/avatar.js";
import { BackIcon, ChevronDownIcon } from "../ui/icons.js";
import { initials } from "../ui/initials.js";
import type { Speaker } from "./groups.js";
import type { Model } from "./model.js";
import { useObservable } from "./observe.js";
import { backLabel } from "./times.js";
import { words } from "./words.js";

export function Header({ model, close }: { model: Model; close(): void }) {
	const chats = useObservable(model.chats);
	const trouble = useObservable(model.trouble);
	const desk = useObservable(model.desk);
	const { name: site } = model.config;
	const chat = chats.at(-1);
	const agent = chat === undefined ? null : agentOf(chat);
	// Of somebody who answered without holding the chat we are not told.
	const known = agent === null || chat?.summary?.assignee != null;
	const here = agent === null ? desk.open : isHere(chat, agent);
	const back = desk.opensAt === null ? null : backLabel(desk.opensAt, model.platform.now());
	return (
		<div class="header">
			<button type="button" class="icon-button header-back" aria-label={words.back} onClick={close}>
				<BackIcon />
			</button>
			{agent === null ? (
				<span class="site-mark" aria-hidden="true">
					{initials(site).slice(0, 1)}
				</span>
			) : (
				<Avatar id={agent.id} name={agent.name} size={40} />
			)}
			<div class="header-text">
				<h2 class="header-name" data-title tabIndex={-1}>
					<bdi>{agent?.name ?? site}</bdi>
				</h2>
				<p class="header-line">
					{known && <span class={`presence ${here && !trouble ? "presence-on" : ""}`} aria-hidden="true" />}
					<span>{line(site, agent !== null, here, trouble, back)}</span>
				</p>
			</div>
			<button type="button" class="icon-button header-close" aria-label={words.close} onClick={close}>
				<ChevronDownIcon />
			</button>
		</div>
	);
}

function line(site: string, hasAgent: boolean, here: boolean, trouble: boolean, back: string | null): string {
	if (trouble) return hasAgent ? `${site} · ${words.connecting}` : words.connecting;
	if (!hasAgent) return here ? words.deskOpen : (back ?? words.deskEmpty);
	if (here) return `${site} · ${words.hereNow}`;
	return back === null ? site : `${site} · ${back}`;
}

/** Who holds the chat, or else who spoke last. */
function agentOf(chat: SessionSnapshot): Speaker | null {
	const assignee = chat.summary?.assignee ?? null;
	if (assignee !== null) return assignee;
	const sender = chat.entries.findLast(
		(entry) => entry.kind === "message" && entry.sender.kind === "agent",
	)?.sender;
	return sender?.kind === "agent" ? { id: sender.id, name: sender.name } : null;
}

function isHere(chat: SessionSnapshot | undefined, agent: Speaker): boolean {
	return (chat?.presence ?? []).some(
		({ who, online }) => online && who.kind === "agent" && (who.id === undefined || who.id === agent.id),
	);
}

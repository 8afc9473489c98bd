import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import type { Status } from "../../client/index.js";
import { Avatar } from "../../ui/avatar.js";
import { GearIcon, LeaveIcon, PersonIcon } from "../../ui/icons.js";
import { AvailabilityMark, Logo } from "../../ui/marks.js";
import { AVAILABILITY_WORDS } from "../names.js";
import { pathOf } from "../router.js";
import { SavedLinks } from "../views/view-links.js";
import { Account } from "./account.js";
import { Bell } from "./bell.js";
import type { Desk } from "./desk.js";
import { ViewLinks } from "./list-links.js";
import { Modal } from "./modal.js";
import { whyOf } from "./team.js";

/** Where one can go, and who one is. */
export function Rail({ desk, onLogout }: { desk: Desk; onLogout: () => void }) {
	const [shown, setShown] = useState(false);
	const name = desk.me.name ?? "You";
	return (
		<header class="rail" data-pane-area="rail">
			<p class="rail-brand">
				<Logo size={24} />
				<span>Hubbub</span>
			</p>
			<div class="rail-lists">
				<ViewLinks desk={desk} />
				<SavedLinks desk={desk} />
			</div>
			<nav class="views workspace" aria-label="Workspace">
				<Bell desk={desk} />
				<PlaceLink desk={desk} to="contacts" name="Contacts" icon={<PersonIcon />} />
				<PlaceLink desk={desk} to="" name="Settings" icon={<GearIcon />} />
			</nav>
			<div class="rail-foot">
				<button
					type="button"
					class="rail-account"
					aria-haspopup="dialog"
					title={`${name}: your status, and the team`}
					onClick={() => setShown(true)}
				>
					<Avatar id={desk.me.id} name={name} size={28} />
					<span class="rail-me">
						<strong dir="auto">{name}</strong>
						<ConnectionWord desk={desk} />
					</span>
				</button>
				<button type="button" class="icon-button" aria-label="Sign out" title="Sign out" onClick={onLogout}>
					<LeaveIcon />
				</button>
			</div>
			{shown && (
				<Modal title={name} safe="Close" onSafe={() => setShown(false)}>
					<Account desk={desk} />
				</Modal>
			)}
		</header>
	);
}

/** To the settings, or to what stands where they do. */
function PlaceLink({ desk, to, name, icon }: { desk: Desk; to: string; name: string; icon: JSX.Element }) {
	const here = desk.router.place.value.settings;
	const atContacts = here !== null && here.split("/", 1)[0] === "contacts";
	const current = here !== null && atContacts === (to === "contacts");
	return (
		<a
			class="view"
			href={pathOf({ view: "mine", session: null, settings: to })}
			aria-current={current ? "page" : undefined}
			{...(current ? { "data-pane": "rail" } : {})}
			title={name}
			onClick={(event) => {
				if (event.ctrlKey || event.metaKey || event.shiftKey) return;
				event.preventDefault();
				desk.router.go({ settings: to });
			}}
		>
			{icon}
			<span class="view-name">{name}</span>
		</a>
	);
}

/** What I am to the team; where frames do not come and go as they should, a word for that. */
export function ConnectionWord({ desk }: { desk: Desk }) {
	const now = wordOf(desk.status.value, desk.away.value);
	const last = useRef(now ?? "Connecting");
	const word = now ?? last.current;
	last.current = word;
	const mine = desk.team.mine.value;
	if (word === "Online" && mine) {
		const why = whyOf(mine);
		return (
			<span class="connection-word">
				<AvailabilityMark status={mine.status} />
				<span>{AVAILABILITY_WORDS[mine.status]}</span>
				{why && <span class="status-why">{why}</span>}
			</span>
		);
	}
	const online = word === "Online" || word === "Polling";
	return (
		<span class="connection-word">
			<span class={online ? "disc online" : "disc"} aria-hidden="true" />
			{word}
		</span>
	);
}

function wordOf({ state, transport }: Status, away: boolean): string | null {
	if (state === "online") return transport === "long_poll" ? "Polling" : "Online";
	if (state === "connecting") return "Connecting";
	return away || state === "stopped" ? "Offline" : null;
}

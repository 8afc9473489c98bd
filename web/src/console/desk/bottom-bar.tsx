import { useState } from "preact/hooks";
import { Avatar } from "../../ui/avatar.js";
import { PersonIcon } from "../../ui/icons.js";
import { ViewsButton } from "../views/view-links.js";
import { Account } from "./account.js";
import { Bell } from "./bell.js";
import type { Desk } from "./desk.js";
import { ViewLinks } from "./list-links.js";
import { Modal } from "./modal.js";
import { ConnectionWord } from "./rail.js";

/** The rail of a narrow page: hidden inside a chat. */
export function BottomBar({ desk, onLogout }: { desk: Desk; onLogout: () => void }) {
	const [shown, setShown] = useState(false);
	const name = desk.me.name ?? "You";
	return (
		<div class="bottom-bar">
			<ViewLinks desk={desk} narrow />
			<ViewsButton desk={desk} />
			<Bell desk={desk} narrow />
			<button type="button" class="view" aria-haspopup="dialog" onClick={() => setShown(true)}>
				<PersonIcon />
				<span class="view-name">You</span>
			</button>
			{shown && (
				<Modal title={name} safe="Close" onSafe={() => setShown(false)}>
					<p class="account">
						<Avatar id={desk.me.id} name={name} size={40} />
						<ConnectionWord desk={desk} />
					</p>
					<Account desk={desk} />
					<button
						type="button"
						class="button outline wide to-settings"
						onClick={() => {
							setShown(false);
							desk.router.go({ settings: "" });
						}}
					>
						Settings
					</button>
					<button
						type="button"
						class="button outline wide"
						onClick={() => {
							setShown(false);
							onLogout();
						}}
					>
						Sign out
					</button>
				</Modal>
			)}
		</div>
	);
}

import { useEffect, useState } from "preact/hooks";
import type { Notification } from "../../protocol/types.js";
import { BellIcon } from "../../ui/icons.js";
import { dayAndClock } from "../times.js";
import { useNow } from "../use-now.js";
import type { Desk } from "./desk.js";
import { Frame } from "./modal.js";
import { toldWords } from "./notifications.js";

/** What one was told in person: how much is new, and a list. */
export function Bell({ desk, narrow = false }: { desk: Desk; narrow?: boolean }) {
	const [shown, setShown] = useState(false);
	const unread = desk.told.unread.value;
	return (
		<>
			<button
				type="button"
				class={unread > 0 ? "view bell unread" : "view bell"}
				title="Notifications"
				aria-haspopup="dialog"
				onClick={() => setShown(true)}
			>
				<BellIcon />
				<span class={narrow ? "unseen" : "view-name"}>Notifications</span>
				<span class="view-count">
					{unread > 0 && (
						<>
							{unread > 99 ? "99+" : unread}
							<span class="unseen"> new</span>
						</>
					)}
				</span>
			</button>
			{shown && <ToldDialog desk={desk} onDone={() => setShown(false)} />}
		</>
	);
}

function ToldDialog({ desk, onDone }: { desk: Desk; onDone: () => void }) {
	const items = desk.told.items.value;
	const unread = desk.told.unread.value;
	const now = useNow(60_000);
	useEffect(() => void desk.told.refresh(), [desk]);
	return (
		<Frame title="Notifications" onCancel={onDone}>
			<div class="modal-body">
				{items.length === 0 ? (
					<p>
						Nothing yet. You are told here when a colleague names you or gives you a chat, and when one is
						due.
					</p>
				) : (
					<ul class="told">
						{items.map((one) => (
							<ToldItem key={`${one.session} ${one.seq}`} desk={desk} one={one} now={now} onDone={onDone} />
						))}
					</ul>
				)}
			</div>
			<div class="modal-acts">
				{unread > 0 && (
					<button type="button" class="button quiet" onClick={() => void desk.told.read()}>
						Mark all as read
					</button>
				)}
				<button type="button" class="button outline" onClick={onDone} autofocus>
					Close
				</button>
			</div>
		</Frame>
	);
}

interface ToldItemProps {
	readonly desk: Desk;
	readonly one: Notification;
	readonly now: number;
	readonly onDone: () => void;
}

function ToldItem({ desk, one, now, onDone }: ToldItemProps) {
	return (
		<li>
			<button
				type="button"
				class={one.read_at ? "told-item" : "told-item new"}
				onClick={() => {
					onDone();
					desk.router.go({ session: one.session, settings: null });
				}}
			>
				<span class="told-words" dir="auto">
					{!one.read_at && <span class="unseen">New: </span>}
					{toldWords(one)}
				</span>
				{one.preview && (
					<span class="told-preview" dir="auto">
						{one.preview}
					</span>
				)}
				<span class="told-at">{dayAndClock(one.created_at, now)}</span>
			</button>
		</li>
	);
}

import { useEffect, useState } from "preact/hooks";
import type { Availability, Workload } from "../../protocol/types.js";
import { Avatar } from "../../ui/avatar.js";
import { AvailabilityMark } from "../../ui/marks.js";
import { AVAILABILITY_WORDS } from "../names.js";
import { canLookOn } from "./can.js";
import type { Desk } from "./desk.js";
import { AVAILABILITIES, availabilityWords, whyOf } from "./team.js";

/** What I am to the team, and what the others are. */
export function Account({ desk }: { desk: Desk }) {
	useEffect(() => void desk.team.refresh(), [desk]);
	return (
		<>
			<MyStatus desk={desk} />
			{canLookOn(desk.me) && <LookOn desk={desk} />}
			<TeamList desk={desk} />
		</>
	);
}

function MyStatus({ desk }: { desk: Desk }) {
	const [refusal, setRefusal] = useState<string | null>(null);
	const mine = desk.team.mine.value;
	const why = mine && whyOf(mine);
	const back = mine?.status === "away" ? " Choose Online to be back." : "";
	const choose = async (status: Availability) => {
		const refused = await desk.team.choose(status);
		setRefusal(refused?.message ?? null);
	};
	return (
		<>
			<fieldset class="statuses">
				<legend>Your status</legend>
				{AVAILABILITIES.map((status) => (
					<button
						key={status}
						type="button"
						class="status-choice"
						aria-pressed={mine?.chosen === status}
						onClick={() => void choose(status)}
					>
						<AvailabilityMark status={status} />
						{AVAILABILITY_WORDS[status]}
					</button>
				))}
			</fieldset>
			<p class="status-note" role="status">
				{refusal ?? (mine && why ? `You are shown as ${availabilityWords(mine)}.${back}` : "")}
			</p>
		</>
	);
}

function LookOn({ desk }: { desk: Desk }) {
	return (
		<label class="look-on">
			<input
				type="checkbox"
				checked={desk.looksOnUnseen.value}
				onChange={(event) => desk.lookOnUnseen(event.currentTarget.checked)}
			/>
			<span>
				Look on unseen
				<small>Chats that you open from now on show nobody that you are there, until you join.</small>
			</span>
		</label>
	);
}

function TeamList({ desk }: { desk: Desk }) {
	const all = desk.team.members.value;
	const trouble = desk.team.trouble.value;
	const others = all?.filter(({ agent }) => agent.id !== desk.me.id);
	return (
		<section class="team" aria-labelledby="team-title">
			<h3 id="team-title">Team</h3>
			{trouble && <p class="status-note">{trouble}</p>}
			{others?.length === 0 && <p class="status-note">Nobody but you yet.</p>}
			{others && others.length > 0 && (
				<ul>
					{others.map((one) => (
						<Colleague key={one.agent.id} one={one} />
					))}
				</ul>
			)}
		</section>
	);
}

function Colleague({ one }: { one: Workload }) {
	const { agent, status, active, max } = one;
	return (
		<li class="colleague">
			<Avatar id={agent.id} name={agent.name} size={28} />
			<span class="colleague-name" dir="auto">
				{agent.name}
			</span>
			<span class="colleague-status">
				<AvailabilityMark status={status} />
				{AVAILABILITY_WORDS[status]}
			</span>
			<span class="colleague-load">
				{active} of {max}
				<span class="unseen"> chats</span>
			</span>
		</li>
	);
}

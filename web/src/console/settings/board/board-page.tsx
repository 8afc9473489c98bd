import { useEffect, useState } from "preact/hooks";
import type { SessionSummary, Team, Workload } from "../../../protocol/types.js";
import { Avatar } from "../../../ui/avatar.js";
import { AvailabilityMark, PriorityMark } from "../../../ui/marks.js";
import { availabilityWords } from "../../desk/team.js";
import { contactName, PRIORITY_WORDS } from "../../names.js";
import { ago } from "../../times.js";
import { useNow } from "../../use-now.js";
import { PageHead, Part } from "../page.js";
import type { SectionProps } from "../sections.js";

/** Who is what and has how much, and who waits for how long: as it is now. */
export function BoardPage({ desk, workspace }: SectionProps) {
	const [team, setTeam] = useState("");
	useEffect(() => {
		void desk.team.refresh();
		void workspace.teams.refresh();
	}, [desk, workspace]);
	const groups = workspace.teams.now.value;
	const teams = groups.state === "known" ? groups.value : [];
	const chosen = teams.find(({ id }) => id === team) ?? null;
	const { sessions, total } = desk.lists.unassigned.value;
	const waiting = sessions.filter((one) => !chosen || one.team?.id === chosen.id);
	const people = (desk.team.members.value ?? []).filter(
		({ agent }) => !chosen || chosen.members.includes(agent.id),
	);
	return (
		<>
			<PageHead desk={desk} title="Live board">
				{teams.length > 0 && <TeamFilter teams={teams} value={team} onValue={setTeam} />}
			</PageHead>
			<Figures waiting={waiting} total={chosen ? waiting.length : total} people={people} />
			<Part id="board-line" title="In line">
				<Line desk={desk} waiting={waiting} more={chosen ? 0 : total - sessions.length} />
			</Part>
			<Part id="board-team" title="Team">
				<ul class="rows">
					{people.map((one) => (
						<Person key={one.agent.id} one={one} />
					))}
				</ul>
			</Part>
		</>
	);
}

function TeamFilter(props: { teams: readonly Team[]; value: string; onValue: (id: string) => void }) {
	return (
		<select
			class="text-field board-team"
			aria-label="Team"
			value={props.value}
			onChange={(event) => props.onValue(event.currentTarget.value)}
		>
			<option value="">All teams</option>
			{props.teams.map(({ id, name }) => (
				<option key={id} value={id}>
					{name}
				</option>
			))}
		</select>
	);
}

function Figures(props: { waiting: readonly SessionSummary[]; total: number; people: readonly Workload[] }) {
	const now = useNow(10_000);
	const { waiting, total, people } = props;
	const since = waiting.map(({ queued_since }) => queued_since ?? "").filter(Boolean);
	const longest = since.sort()[0];
	const online = people.filter(({ status }) => status === "online");
	const room = online.reduce((sum, { active, max }) => sum + Math.max(0, max - active), 0);
	const held = people.reduce((sum, { active }) => sum + active, 0);
	const figures: readonly (readonly [string, string])[] = [
		["In line", String(total)],
		["Longest wait", longest ? ago(longest, now) : "None"],
		["Online", `${online.length} of ${people.length}`],
		["Free places", String(room)],
		["Chats held", String(held)],
	];
	return (
		<dl class="figures">
			{figures.map(([name, value]) => (
				<div key={name}>
					<dt>{name}</dt>
					<dd>{value}</dd>
				</div>
			))}
		</dl>
	);
}

function Line(props: { desk: SectionProps["desk"]; waiting: readonly SessionSummary[]; more: number }) {
	const now = useNow(10_000);
	const { desk, waiting, more } = props;
	if (waiting.length === 0) return <p class="part-lead">Nobody is in line.</p>;
	return (
		<>
			<ul class="rows">
				{waiting.map((one) => (
					<li key={one.id}>
						<a
							class="row-line board-chat"
							href={`/console/sessions/${one.id}`}
							onClick={(event) => {
								if (event.ctrlKey || event.metaKey || event.shiftKey) return;
								event.preventDefault();
								desk.router.go({ view: "unassigned", session: one.id });
							}}
						>
							<Avatar id={one.contact.id} name={one.contact.name} size={28} />
							<span class="row-main">
								<strong dir="auto">{contactName(one.contact)}</strong>
								<span dir="auto">{standing(one)}</span>
							</span>
							{one.priority && one.priority !== "normal" && (
								<span title={`${PRIORITY_WORDS[one.priority]} priority`}>
									<PriorityMark priority={one.priority} />
									<span class="unseen">{PRIORITY_WORDS[one.priority]} priority</span>
								</span>
							)}
							<span class="board-age">{ago(one.queued_since ?? one.created_at, now)}</span>
						</a>
					</li>
				))}
			</ul>
			{more > 0 && <p class="part-lead">{more} more</p>}
		</>
	);
}

/** For whom it is, and where it stands. */
function standing({ number, team, offers, as_message }: SessionSummary): string {
	const words = [`#${number}`, team?.name ?? "Any team"];
	if (offers?.standing) words.push(`offered to ${offers.standing.agent.name}`);
	if (as_message) words.push("message");
	return words.join(" · ");
}

function Person({ one }: { one: Workload }) {
	const { agent, status, active, max } = one;
	return (
		<li class="row-line board-person">
			<Avatar id={agent.id} name={agent.name} size={28} />
			<span class="row-main">
				<strong dir="auto">{agent.name}</strong>
				<span class="board-status">
					<AvailabilityMark status={status} />
					{availabilityWords(one)}
				</span>
			</span>
			<meter class="board-load" min={0} max={Math.max(max, 1)} value={Math.min(active, max)}>
				{active} of {max}
			</meter>
			<span class="board-age">
				{active} of {max}
			</span>
		</li>
	);
}

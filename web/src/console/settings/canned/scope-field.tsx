import type { CannedScope, Team, TeamId } from "../../../protocol/types.js";
import { controlProps, Field, Segments } from "../fields.js";

/** Who has an answer: oneself, a team, everybody. */
export function ScopeField({
	scope,
	team,
	teams,
	error,
	onValue,
}: {
	scope: CannedScope;
	team: TeamId;
	teams: readonly Team[];
	error: string | null;
	onValue: (value: { scope?: CannedScope; team_id?: TeamId }) => void;
}) {
	const field = { id: "canned-team", label: "Team", error };
	return (
		<>
			<Segments
				id="canned-scope"
				label="Who has it"
				value={scope}
				options={[
					["personal", "Only you"],
					["team", "A team"],
					["all", "Everybody"],
				]}
				onValue={(scope) => onValue({ scope })}
				error={scope === "team" ? null : error}
			/>
			{scope === "team" && (
				<Field {...field}>
					<select
						{...controlProps(field)}
						class="text-field"
						value={team}
						onChange={(event) => onValue({ team_id: event.currentTarget.value })}
					>
						<option value="">Choose a team</option>
						{[...teams]
							.sort((a, b) => a.name.localeCompare(b.name))
							.map(({ id, name }) => (
								<option key={id} value={id}>
									{name}
								</option>
							))}
					</select>
				</Field>
			)}
		</>
	);
}

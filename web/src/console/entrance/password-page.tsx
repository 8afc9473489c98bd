import { useState } from "preact/hooks";
import { LIMITS } from "../../protocol/types.js";
import type { Account, Refusal } from "./account.js";
import { Field } from "./field.js";
import { EntrancePage, RefusalWords, Submit, useSending } from "./form.js";

/** The first thing after signing in with a password that somebody else made. */
export function PasswordPage({ account, known }: { account: Account; known: string | null }) {
	const [current, setCurrent] = useState("");
	const [chosen, setChosen] = useState("");
	const { busy, refusal, submit, form } = useSending(async (): Promise<Refusal | null> => {
		const old = known ?? current;
		if (!old) return { field: "current", message: "Write the password you have.", retryAt: null };
		if ([...chosen].length < LIMITS.passwordCharsMin) {
			return { field: "new", message: `At least ${LIMITS.passwordCharsMin} characters.`, retryAt: null };
		}
		if (chosen === old) return { field: "new", message: "Choose another one than you have.", retryAt: null };
		return account.choosePassword(old, chosen);
	});
	const at = (field: Refusal["field"]) =>
		refusal?.field === field ? <RefusalWords refusal={refusal} /> : undefined;
	return (
		<EntrancePage
			title="Choose a password"
			lead="The one you have was made for you. Choose one that only you know."
		>
			<form ref={form} onSubmit={submit} noValidate>
				{known === null && (
					<Field
						id="current"
						label="Password you have"
						type="password"
						autocomplete="current-password"
						value={current}
						onValue={setCurrent}
						error={at("current")}
						autofocus
					/>
				)}
				<Field
					id="new"
					label="New password"
					type="password"
					autocomplete="new-password"
					value={chosen}
					onValue={setChosen}
					help={`At least ${LIMITS.passwordCharsMin} characters. A sentence is easy to keep in mind.`}
					error={at("new")}
					autofocus={known !== null}
				/>
				<Submit
					busy={busy}
					verb="Save password"
					busyVerb="Saving"
					refusal={refusal?.field === "current" && known !== null ? { ...refusal, field: null } : refusal}
				/>
			</form>
			<button type="button" class="button quiet wide" onClick={() => void account.logout()}>
				Sign out
			</button>
		</EntrancePage>
	);
}

import { useState } from "preact/hooks";
import { LIMITS, type Welcome } from "../../protocol/types.js";
import type { Account, Refusal } from "./account.js";
import { Field } from "./field.js";
import { EntrancePage, RefusalWords, Submit, useSending } from "./form.js";

/** Who comes by a link: an invitation, or a password to be set anew. */
export function WelcomePage({
	account,
	token,
	link,
}: {
	account: Account;
	token: string;
	link: Welcome | null;
}) {
	if (!link) return <Expired account={account} />;
	return <Choose account={account} token={token} link={link} />;
}

function Expired({ account }: { account: Account }) {
	return (
		<EntrancePage
			title="This link opens nothing any more"
			lead="Each works once, and not for ever. Ask an admin of your team for a new one."
		>
			<button type="button" class="button main wide" onClick={() => account.leaveLink()}>
				To the sign-in
			</button>
		</EntrancePage>
	);
}

function Choose({ account, token, link }: { account: Account; token: string; link: Welcome }) {
	const [name, setName] = useState(link.name);
	const [chosen, setChosen] = useState("");
	const [code, setCode] = useState("");
	const invited = link.kind === "invitation";
	const { busy, refusal, submit, form } = useSending(async (): Promise<Refusal | null> => {
		if ([...chosen].length < LIMITS.passwordCharsMin) {
			return { field: "new", message: `At least ${LIMITS.passwordCharsMin} characters.`, retryAt: null };
		}
		return account.acceptLink({
			token,
			password: chosen,
			...(invited && name.trim() ? { name: name.trim() } : {}),
			...(code.trim() ? { totp: code.trim() } : {}),
		});
	});
	const at = (field: Refusal["field"]) =>
		refusal?.field === field ? <RefusalWords refusal={refusal} /> : undefined;
	return (
		<EntrancePage
			title={invited ? "Welcome to the team" : "Choose a new password"}
			lead={`You sign in as ${link.email}.`}
		>
			<form ref={form} onSubmit={submit} noValidate>
				{invited && (
					<Field
						id="name"
						label="Your name, as customers see it"
						type="text"
						autocomplete="name"
						value={name}
						onValue={setName}
						error={undefined}
					/>
				)}
				<Field
					id="new"
					label="Password"
					type="password"
					autocomplete="new-password"
					value={chosen}
					onValue={setChosen}
					help={`At least ${LIMITS.passwordCharsMin} characters. A sentence is easy to keep in mind.`}
					error={at("new")}
					autofocus
				/>
				{link.second_factor && (
					<Field
						id="totp"
						label="Code of your authenticator app, or a recovery code"
						type="text"
						autocomplete="one-time-code"
						value={code}
						onValue={setCode}
						error={at("totp")}
					/>
				)}
				<Submit busy={busy} verb="Save password and sign in" busyVerb="Saving" refusal={refusal} />
			</form>
		</EntrancePage>
	);
}

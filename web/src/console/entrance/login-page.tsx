import { useState } from "preact/hooks";
import type { Account } from "./account.js";
import { Field } from "./field.js";
import { EntrancePage, RefusalWords, Submit, useSending } from "./form.js";

/** The way in. */
export function LoginPage({ account, ended }: { account: Account; ended: boolean }) {
	const [email, setEmail] = useState("");
	const [password, setPassword] = useState("");
	const [code, setCode] = useState("");
	const [asksCode, setAsksCode] = useState(false);
	const { busy, refusal, setRefusal, submit, form } = useSending(async () => {
		if (!email.trim()) return { field: "email", message: "Write your e-mail address.", retryAt: null };
		if (!password) return { field: "password", message: "Write your password.", retryAt: null };
		const answer = await account.login(email.trim(), password, code.trim() || undefined);
		// A wrong code and a wrong password look the same to who tries; a code counts once in any case.
		setCode("");
		if (answer?.field === "totp") setAsksCode(true);
		return answer;
	});
	const at = (field: "email" | "password" | "totp") =>
		refusal?.field === field ? <RefusalWords refusal={refusal} /> : undefined;
	const clear = (field: "email" | "password" | "totp") => {
		if (refusal?.field === field && refusal.retryAt === null) setRefusal(null);
	};
	return (
		<EntrancePage
			title="Sign in to Hubbub"
			{...(ended ? { lead: "You have been signed out. What you wrote is kept for when you are back." } : {})}
		>
			<form ref={form} onSubmit={submit} noValidate>
				<Field
					id="email"
					label="E-mail"
					type="email"
					autocomplete="username"
					value={email}
					onValue={(value) => {
						setEmail(value);
						clear("email");
					}}
					error={at("email")}
					autofocus
				/>
				<Field
					id="password"
					label="Password"
					type="password"
					autocomplete="current-password"
					value={password}
					onValue={(value) => {
						setPassword(value);
						clear("password");
					}}
					error={at("password")}
				/>
				{asksCode && (
					<Field
						id="totp"
						label="Code"
						type="text"
						autocomplete="one-time-code"
						value={code}
						onValue={(value) => {
							setCode(value);
							clear("totp");
						}}
						error={at("totp")}
						autofocus
					/>
				)}
				<Submit busy={busy} verb="Sign in" busyVerb="Signing in" refusal={refusal} />
			</form>
		</EntrancePage>
	);
}

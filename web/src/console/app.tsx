import type { ReadonlySignal } from "@preact/signals";
import type { Desk } from "./desk/desk.js";
import { DeskPage } from "./desk/desk-page.js";
import type { Account } from "./entrance/account.js";
import { EntrancePage } from "./entrance/form.js";
import { LoginPage } from "./entrance/login-page.js";
import { PasswordPage } from "./entrance/password-page.js";
import { WelcomePage } from "./entrance/welcome-page.js";
import { useLasting } from "./use-now.js";

/** The console: the way in, or the desk. */
export function App({ account, desk }: { account: Account; desk: ReadonlySignal<Desk | null> }) {
	const state = account.state.value;
	switch (state.phase) {
		case "checking":
			return <Checking />;
		case "unreachable":
			return (
				<EntrancePage title="The server does not answer" lead="It may be starting, or the network is away.">
					<button type="button" class="button main wide" onClick={() => void account.check()}>
						Try again
					</button>
				</EntrancePage>
			);
		case "out":
			return <LoginPage account={account} ended={state.ended} />;
		case "welcome":
			return <WelcomePage account={account} token={state.token} link={state.link} />;
		case "choosing_password":
			return <PasswordPage account={account} known={state.current} />;
		case "in":
			return desk.value && <DeskPage desk={desk.value} onLogout={() => void logout(account, desk.value)} />;
	}
}

/** A sign-out that did not reach the server is none, and must not look like one. */
async function logout(account: Account, desk: Desk | null): Promise<void> {
	const refusal = await account.logout();
	if (refusal) desk?.tell(`You are still signed in. ${refusal.message}`);
}

/** Mostly too short to be seen. */
function Checking() {
	const slow = useLasting(true, 300);
	return slow ? (
		<EntrancePage title="Hubbub">
			<p role="status">Asking the server</p>
		</EntrancePage>
	) : null;
}

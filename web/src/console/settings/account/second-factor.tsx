import { useState } from "preact/hooks";
import type { Agent, NewTotp, RecoveryCodes } from "../../../protocol/types.js";
import { FormDialog } from "../../desk/form-dialog.js";
import { TextField } from "../fields.js";
import { useForm } from "../form.js";
import { keepFocus } from "../page.js";
import type { SectionProps } from "../sections.js";
import { QrCode } from "./qr.js";
import { RecoveryCodesPanel } from "./recovery-codes.js";

type Props = Pick<SectionProps, "desk" | "workspace"> & { me: Agent };

/** The second factor: whether there is one, setting one up, taking it away. */
export function SecondFactor({ desk, workspace, me }: Props) {
	const [dialog, setDialog] = useState<"add" | "remove" | null>(null);
	const [codes, setCodes] = useState<readonly string[] | null>(null);
	const on = me.second_factor === true;
	const done = (second_factor: boolean) => {
		setDialog(null);
		workspace.keep(workspace.agents, { ...me, second_factor });
	};
	return (
		<>
			<div class="part-row">
				<div>
					<h3>Second factor</h3>
					<p>
						{on
							? "On: signing in asks for a code of your authenticator app, too."
							: "Off: whoever has your password can sign in. An authenticator app on your phone prevents that."}
					</p>
				</div>
				<button type="button" class="button outline" onClick={() => setDialog(on ? "remove" : "add")}>
					{on ? "Remove" : "Set up"}
					<span class="unseen"> second factor</span>
				</button>
			</div>
			{codes && (
				<RecoveryCodesPanel
					desk={desk}
					codes={codes}
					onKept={() => {
						setCodes(null);
						desk.tell("The second factor is on");
						keepFocus();
					}}
				/>
			)}
			{dialog === "add" && (
				<AddDialog
					desk={desk}
					onCancel={() => setDialog(null)}
					onDone={(made) => {
						setCodes(made);
						done(true);
					}}
				/>
			)}
			{dialog === "remove" && (
				<RemoveDialog
					desk={desk}
					onCancel={() => setDialog(null)}
					onDone={() => {
						setCodes(null);
						done(false);
						desk.tell("The second factor is off");
					}}
				/>
			)}
		</>
	);
}

interface DialogProps<T> extends Pick<Props, "desk"> {
	readonly onCancel: () => void;
	readonly onDone: (made: T) => void;
}

/** First who one is, then the app, then whether it works. */
function AddDialog({ desk, onCancel, onDone }: DialogProps<readonly string[]>) {
	const [begun, setBegun] = useState<NewTotp | null>(null);
	return begun ? (
		<ConfirmDialog key="confirm" desk={desk} begun={begun} onCancel={onCancel} onDone={onDone} />
	) : (
		<PasswordFirst key="password" desk={desk} onCancel={onCancel} onDone={setBegun} />
	);
}

function PasswordFirst({ desk, onCancel, onDone }: DialogProps<NewTotp>) {
	const form = useForm({ password: "" }, async (_, values) => {
		onDone(await desk.client.http.post<NewTotp>("/auth/totp", values));
	});
	return (
		<FormDialog
			title="Set up a second factor"
			verb="Go on"
			doing="Asking"
			busy={form.busy}
			unready={form.values.password === ""}
			trouble={form.faults.whole}
			onSubmit={() => void form.send()}
			onCancel={onCancel}
		>
			<p class="modal-lead">
				You need an authenticator app, on your phone or in a password manager. First, your password:
			</p>
			<PasswordField value={form.values.password} error={form.at("password", "This")} onValue={form.set} />
		</FormDialog>
	);
}

function ConfirmDialog({
	desk,
	begun,
	onCancel,
	onDone,
}: DialogProps<readonly string[]> & { begun: NewTotp }) {
	const form = useForm({ code: "" }, async (_, { code }) => {
		const body = { code: code.replaceAll(/\s/g, "") };
		onDone((await desk.client.http.post<RecoveryCodes>("/auth/totp/confirm", body)).recovery_codes);
	});
	return (
		<FormDialog
			title="Scan this code with your app"
			verb="Turn on"
			doing="Checking"
			busy={form.busy}
			unready={form.values.code.trim() === ""}
			trouble={form.faults.whole}
			onSubmit={() => void form.send()}
			onCancel={onCancel}
		>
			<QrCode text={begun.url} label="QR code with the secret for your authenticator app" />
			<p class="modal-lead">
				Cannot scan it? <a href={begun.url}>Open it in an app on this device</a>, or type this secret:
			</p>
			<code class="secret">{begun.secret.replaceAll(/(.{4})(?=.)/g, "$1 ")}</code>
			<TextField
				id="second-factor-code"
				label="Code that the app shows now"
				autocomplete="one-time-code"
				inputMode="numeric"
				value={form.values.code}
				error={form.at("code", "The code")}
				onValue={(code) => form.set({ code })}
				autofocus
			/>
		</FormDialog>
	);
}

function RemoveDialog({ desk, onCancel, onDone }: DialogProps<void>) {
	const form = useForm({ password: "" }, async (_, values) => {
		await desk.client.http.delete("/auth/totp", values);
		onDone();
	});
	return (
		<FormDialog
			title="Remove the second factor?"
			verb="Remove"
			doing="Removing"
			busy={form.busy}
			unready={form.values.password === ""}
			trouble={form.faults.whole}
			onSubmit={() => void form.send()}
			onCancel={onCancel}
		>
			<p class="modal-lead">
				Signing in then takes your password only. The app's entry and the recovery codes become useless.
			</p>
			<PasswordField value={form.values.password} error={form.at("password", "This")} onValue={form.set} />
		</FormDialog>
	);
}

function PasswordField({
	value,
	error,
	onValue,
}: {
	value: string;
	error: string | null;
	onValue: (over: { password: string }) => void;
}) {
	return (
		<TextField
			id="second-factor-password"
			label="Your password"
			type="password"
			autocomplete="current-password"
			value={value}
			error={error}
			onValue={(password) => onValue({ password })}
			autofocus
		/>
	);
}

import { useState } from "preact/hooks";
import { LIMITS } from "../../../protocol/types.js";
import type { Desk } from "../../desk/desk.js";
import { FormDialog } from "../../desk/form-dialog.js";
import { TextField } from "../fields.js";
import { useForm } from "../form.js";

/** The password, and choosing another one. */
export function Password({ desk }: { desk: Desk }) {
	const [open, setOpen] = useState(false);
	return (
		<div class="part-row">
			<div>
				<h3>Password</h3>
				<p>A new one signs you out everywhere else.</p>
			</div>
			<button type="button" class="button outline" onClick={() => setOpen(true)}>
				Change password
			</button>
			{open && <PasswordDialog desk={desk} onDone={() => setOpen(false)} />}
		</div>
	);
}

function PasswordDialog({ desk, onDone }: { desk: Desk; onDone: () => void }) {
	const form = useForm({ current: "", new: "" }, async (_, values) => {
		await desk.client.http.post("/auth/password", values);
	});
	const { values, set } = form;
	const submit = async () => {
		if (!(await form.send())) return;
		onDone();
		desk.tell("Password changed");
	};
	return (
		<FormDialog
			title="Change your password"
			verb="Change password"
			doing="Changing"
			busy={form.busy}
			unready={values.current === "" || values.new === ""}
			trouble={form.faults.whole}
			onSubmit={() => void submit()}
			onCancel={onDone}
		>
			<TextField
				id="password-current"
				label="Password you have"
				type="password"
				autocomplete="current-password"
				value={values.current}
				error={form.at("current", "This")}
				onValue={(current) => set({ current })}
				autofocus
			/>
			<TextField
				id="password-new"
				label="New password"
				type="password"
				autocomplete="new-password"
				help={`At least ${LIMITS.passwordCharsMin} characters. A sentence is easy to keep in mind.`}
				value={values.new}
				error={form.at("new", "The password")}
				onValue={(chosen) => set({ new: chosen })}
			/>
		</FormDialog>
	);
}

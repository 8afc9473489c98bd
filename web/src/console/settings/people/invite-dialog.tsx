import type { Agent, Role } from "../../../protocol/types.js";
import { FormDialog } from "../../desk/form-dialog.js";
import { Segments, TextField } from "../fields.js";
import { useForm } from "../form.js";
import type { Workspace } from "../workspace.js";
import { ROLES } from "./roles.js";

/** Who comes to the team, and as what. The rest is said on their page. */
export function InviteDialog({
	workspace,
	onCancel,
	onDone,
}: {
	workspace: Workspace;
	onCancel: () => void;
	onDone: (agent: Agent) => void;
}) {
	const form = useForm<{ email: string; name: string; role: Role }>(
		{ email: "", name: "", role: "agent" },
		async (_, who) => onDone(await workspace.invite(who)),
		{ unique: "email" },
	);
	const { values, set } = form;
	return (
		<FormDialog
			title="Invite a colleague"
			verb="Make invitation"
			doing="Inviting"
			busy={form.busy}
			trouble={form.faults.whole}
			onSubmit={() => void form.send()}
			onCancel={onCancel}
		>
			<p class="modal-lead">You get a link to hand over. Whoever opens it chooses a password.</p>
			<TextField
				id="invite-email"
				label="E-mail"
				type="email"
				value={values.email}
				error={form.at("email", "The address")}
				onValue={(email) => set({ email })}
				autofocus
			/>
			<TextField
				id="invite-name"
				label="Name"
				help="They can change it."
				value={values.name}
				error={form.at("name", "The name")}
				onValue={(name) => set({ name })}
			/>
			<Segments
				id="invite-role"
				label="Role"
				value={values.role}
				options={ROLES}
				error={form.at("role", "The role")}
				onValue={(role) => set({ role })}
			/>
		</FormDialog>
	);
}

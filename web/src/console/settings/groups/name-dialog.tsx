import { FormDialog } from "../../desk/form-dialog.js";
import { TextField } from "../fields.js";
import { useForm } from "../form.js";

/** Asks for a name, and does what it is for. */
export function NameDialog({
	title,
	verb,
	doing,
	initial = "",
	send,
	onDone,
}: {
	title: string;
	verb: string;
	doing: string;
	initial?: string;
	send: (name: string) => Promise<void>;
	/** Also when nothing was done. */
	onDone: () => void;
}) {
	const form = useForm({ name: initial }, (_, { name }) => send(name), { unique: "name" });
	const submit = async () => {
		if (await form.send()) onDone();
	};
	return (
		<FormDialog
			title={title}
			verb={verb}
			doing={doing}
			busy={form.busy}
			trouble={form.faults.whole}
			onSubmit={() => void submit()}
			onCancel={onDone}
		>
			<TextField
				id="group-name"
				label="Name"
				value={form.values.name}
				error={form.at("name", "The name")}
				onValue={(name) => form.set({ name })}
				autofocus
			/>
		</FormDialog>
	);
}

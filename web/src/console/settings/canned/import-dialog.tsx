import { useRef, useState } from "preact/hooks";
import { HttpError } from "../../../client/index.js";
import type { FieldError, ImportedCanned } from "../../../protocol/types.js";
import { FormDialog } from "../../desk/form-dialog.js";
import { Field, Segments } from "../fields.js";
import type { Workspace } from "../workspace.js";

const HELP =
	"CSV with the columns shortcut, title, category, body, scope and team, as an export has them, or JSON. Chatwoot’s short_code and content will do.";

/** Brings canned answers from a file: all of them or none. */
export function ImportDialog({
	workspace,
	onDone,
}: {
	workspace: Workspace;
	/** With what to say; null: nothing was done. */
	onDone: (words: string | null) => void;
}) {
	const input = useRef<HTMLInputElement>(null);
	const [file, setFile] = useState<File | null>(null);
	const [existing, setExisting] = useState<"refuse" | "replace">("refuse");
	const [busy, setBusy] = useState(false);
	const [trouble, setTrouble] = useState<string | null>(null);
	const [faults, setFaults] = useState<readonly FieldError[]>([]);
	const send = async (file: File) => {
		setBusy(true);
		setTrouble(null);
		setFaults([]);
		const type = /\.json$/i.test(file.name) ? "application/json" : "text/csv";
		try {
			const path = `/canned/import?existing=${existing}`;
			const done = await workspace.http.post<ImportedCanned>(path, new Blob([file], { type }));
			onDone(`${done.created} new, ${done.replaced} replaced`);
		} catch (error) {
			if (!(error instanceof HttpError)) throw error;
			setFaults(error.errors);
			setTrouble(
				error.errors.length > 0 ? "Nothing was imported. Mend the file, and choose it again." : error.message,
			);
			setBusy(false);
			// The same file, mended, is another one: a browser would not tell.
			setFile(null);
			if (input.current) input.current.value = "";
		}
	};
	return (
		<FormDialog
			title="Import canned answers"
			verb="Import"
			doing="Importing"
			busy={busy}
			unready={file === null}
			trouble={trouble}
			onSubmit={() => file && void send(file)}
			onCancel={() => onDone(null)}
		>
			<Field id="canned-file" label="File" help={HELP}>
				<input
					id="canned-file"
					ref={input}
					class="text-field"
					type="file"
					accept=".csv,.json,text/csv,application/json"
					aria-describedby="canned-file-help"
					// Choosing no file does not close the dialog.
					onCancel={(event) => event.stopPropagation()}
					onChange={(event) => {
						setFile(event.currentTarget.files?.[0] ?? null);
						setTrouble(null);
						setFaults([]);
					}}
				/>
			</Field>
			<Segments
				id="canned-existing"
				label="Shortcuts that are there already"
				value={existing}
				options={[
					["refuse", "Refuse the file"],
					["replace", "Replace them"],
				]}
				onValue={setExisting}
			/>
			{faults.length > 0 && (
				<ul class="canned-faults">
					{faults.map(({ field, message }) => (
						<li key={field} dir="auto">
							{field.replace(/\.$/, "")} {message}
						</li>
					))}
				</ul>
			)}
		</FormDialog>
	);
}

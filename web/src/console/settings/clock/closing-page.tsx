import { HttpError } from "../../../client/index.js";
import type { Settings } from "../../../protocol/types.js";
import { TextArea, TextField } from "../fields.js";
import { useForm } from "../form.js";
import { Known, PageForm, PageHead } from "../page.js";
import type { SectionProps } from "../sections.js";
import { durationOf, secondsOf } from "./duration.js";
import { DurationField } from "./duration-field.js";

/** When chats end by themselves, in which words, and who is reminded of what before. */
export function ClosingPage(props: SectionProps) {
	return (
		<>
			<PageHead
				desk={props.desk}
				title="Closing"
				lead="When a chat ends by itself, and when it is remembered before. Whoever waits for an answer is never shown the door."
			/>
			<Known of={props.workspace.settings}>
				{(settings) => <ClosingForm {...props} settings={settings} />}
			</Known>
		</>
	);
}

function ClosingForm({ desk, workspace, settings }: SectionProps & { readonly settings: Settings }) {
	const { closing, reminders } = settings;
	const base = {
		inactive_after_s: durationOf(closing.inactive_after_s),
		warn_before_s: durationOf(closing.warn_before_s),
		warning_text: closing.warning_text,
		closing_text: closing.closing_text,
		resolve_after_s: durationOf(closing.resolve_after_s),
		reopen_window_s: durationOf(closing.reopen_window_s),
		commands: closing.commands.join("\n"),
		unassigned_after_s: durationOf(reminders.unassigned_after_s),
		unresolved_after_s: durationOf(reminders.unresolved_after_s),
	};
	const form = useForm(base, async (_, values) => {
		const time = (field: Exclude<keyof typeof base, "warning_text" | "closing_text" | "commands">) =>
			secondsOf(values[field], field);
		const edit = {
			closing: {
				inactive_after_s: time("inactive_after_s"),
				warn_before_s: time("warn_before_s") ?? 0,
				warning_text: values.warning_text,
				closing_text: values.closing_text,
				resolve_after_s: time("resolve_after_s"),
				reopen_window_s: time("reopen_window_s"),
				commands: values.commands.split("\n").filter((word) => word.trim() !== ""),
			},
			reminders: {
				unassigned_after_s: time("unassigned_after_s"),
				unresolved_after_s: time("unresolved_after_s"),
			},
		};
		try {
			await workspace.editSettings(edit);
		} catch (error) {
			throw error instanceof HttpError ? withoutSection(error) : error;
		}
	});
	const { values, set } = form;
	return (
		<PageForm desk={desk} form={form} name="Closing">
			<DurationField
				id="closing-inactive"
				label="End quiet chats after"
				help="Counted from what the team said last, while the customer has not answered. Empty: they do not end by themselves."
				empty="Never"
				value={values.inactive_after_s}
				error={form.at("inactive_after_s", "This")}
				onValue={(inactive_after_s) => set({ inactive_after_s })}
			/>
			<DurationField
				id="closing-warn"
				label="Tell the customer before"
				empty="Not at all"
				value={values.warn_before_s}
				error={form.at("warn_before_s", "This")}
				onValue={(warn_before_s) => set({ warn_before_s })}
			/>
			<TextField
				id="closing-warning"
				label="What is said then"
				help="{minutes} stands for the minutes that are left."
				value={values.warning_text}
				error={form.at("warning_text", "The text")}
				onValue={(warning_text) => set({ warning_text })}
			/>
			<TextField
				id="closing-text"
				label="Last words"
				help="What the customer reads when a chat ends by itself. Empty: nothing."
				value={values.closing_text}
				error={form.at("closing_text", "The text")}
				onValue={(closing_text) => set({ closing_text })}
			/>
			<DurationField
				id="closing-resolve"
				label="Resolve quiet chats after"
				help="The same for chats in progress, without a word. Empty: somebody of the team resolves them."
				empty="Never"
				value={values.resolve_after_s}
				error={form.at("resolve_after_s", "This")}
				onValue={(resolve_after_s) => set({ resolve_after_s })}
			/>
			<DurationField
				id="closing-reopen"
				label="Close resolved chats after"
				help="Until then a message opens the chat again; after it, a message begins a new one. Empty: they stay resolved."
				empty="Never"
				value={values.reopen_window_s}
				error={form.at("reopen_window_s", "This")}
				onValue={(reopen_window_s) => set({ reopen_window_s })}
			/>
			<TextArea
				id="closing-commands"
				label="Words that end a chat"
				help="One a line. On channels without buttons a customer ends the chat by one of them."
				rows={5}
				value={values.commands}
				error={form.at("commands", "A word")}
				onValue={(commands) => set({ commands })}
			/>
			<DurationField
				id="closing-unassigned"
				label="Remind when nobody took a chat for"
				empty="Never"
				value={values.unassigned_after_s}
				error={form.at("unassigned_after_s", "This")}
				onValue={(unassigned_after_s) => set({ unassigned_after_s })}
			/>
			<DurationField
				id="closing-unresolved"
				label="Remind when a chat is not resolved for"
				empty="Never"
				value={values.unresolved_after_s}
				error={form.at("unresolved_after_s", "This")}
				onValue={(unresolved_after_s) => set({ unresolved_after_s })}
			/>
		</PageForm>
	);
}

/** `closing.warning_text` is the form's `warning_text`. */
function withoutSection(error: HttpError): HttpError {
	const errors = error.errors.map(({ field, message }) => ({
		field: field.replace(/^(closing|reminders)\./, ""),
		message,
	}));
	return new HttpError(error.status, error.code, error.message, errors);
}

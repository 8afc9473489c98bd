import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { Value } from "../client/observable.js";
import type { Upload } from "../client/uploads.js";
import type { Entry } from "../protocol/types.js";
import { AttachButton, pasted } from "../ui/files.js";
import { SendIcon } from "../ui/icons.js";
import type { Attaching } from "./attaching.js";
import type { Model } from "./model.js";
import { useObservable } from "./observe.js";
import { fileWords, words } from "./words.js";

/** The count of what is left appears when this part of the limit is used. */
const NEARLY = 0.9;
const NO_FILES = new Value<readonly Upload[]>([]);
const NO_TROUBLE = new Value<string | null>(null);

export function Composer({ model }: { model: Model }) {
	useObservable(model.chats);
	const { attaching } = model;
	return attaching && <ComposerOf model={model} attaching={attaching} />;
}

function ComposerOf({ model, attaching }: { model: Model; attaching: Attaching }) {
	const [draft, setDraft] = useState(() => model.draft());
	const [changed, setChanged] = useState("");
	const [trouble, setTrouble] = useState(false);
	const editing = useObservable(model.editing);
	const text = editing ? changed : draft;
	const field = useRef<HTMLTextAreaElement>(null);
	const limit = model.config.message_chars;
	const left = limit - [...text.trim()].length;
	const state = useObservable(attaching.state);
	const ready = state.name === "ready" ? state : null;
	const files = useObservable(ready?.uploads.items ?? NO_FILES);
	const fileTrouble = useObservable(ready?.uploads.trouble ?? NO_TROUBLE);
	const [waiting, setWaiting] = useState(false);
	const busy = state.name === "loading" || (ready?.uploads.busy ?? false);
	const failed = state.name === "failed" || (ready?.uploads.failed ?? false);
	const brings = (files.length > 0 || busy || failed) && editing === null;
	const sendable = (text.trim() !== "" || brings) && left >= 0 && !(brings && failed);

	useLayoutEffect(() => {
		const area = field.current;
		if (area === null) return;
		area.style.blockSize = "auto";
		area.style.blockSize = `${area.scrollHeight}px`;
		// It names what changes the height, though it is not read here.
		void text;
	}, [text]);

	// What is to be changed is gone on with at its end; what was being written waits.
	useLayoutEffect(() => {
		setTrouble(false);
		if (editing === null) return;
		setChanged(editing.body);
		field.current?.focus();
	}, [editing]);

	const write = (value: string): void => {
		if (editing) {
			setChanged(value);
			return;
		}
		setDraft(value);
		model.keepDraft(value);
		model.typing(value.trim() !== "");
	};
	const save = async (entry: Entry): Promise<void> => {
		const body = text.trim();
		const done = body === entry.body || (await model.edit(entry, body));
		setTrouble(!done);
		if (done && model.editing.get()?.id === entry.id) model.editing.set(null);
		field.current?.focus();
	};
	const send = (): void => {
		if (!sendable) return;
		if (editing) {
			void save(editing);
			return;
		}
		// It goes when its files are there.
		setWaiting(busy);
		if (busy) return;
		model.send(text.trim(), ready?.uploads.take() ?? []);
		setDraft("");
		model.keepDraft("");
		field.current?.focus();
	};

	useLayoutEffect(() => {
		if (!waiting || busy) return;
		setWaiting(false);
		send();
	}, [files, state]);

	return (
		<form
			class="composer"
			onSubmit={(event) => {
				event.preventDefault();
				send();
			}}
		>
			{editing && (
				<p class="composer-editing" role="status">
					<span>{trouble ? words.amendFailed : words.editing}</span>
					<button type="button" class="link-button" onClick={() => model.editing.set(null)}>
						{words.cancel}
					</button>
				</p>
			)}
			{editing === null && ready && (
				<ready.tray.Tray
					uploads={ready.uploads}
					items={files}
					trouble={fileTrouble}
					words={ready.tray.trayWords}
				/>
			)}
			{state.name === "loading" && (
				<p class="composer-left" role="status">
					{words.filesBegin}
				</p>
			)}
			{state.name === "failed" && (
				<p class="composer-editing" role="alert">
					<span>{words.filesFailed}</span>
					<button type="button" class="link-button" onClick={() => void attaching.load()}>
						{words.tryAgain}
					</button>
					<button type="button" class="link-button" onClick={() => attaching.giveUp()}>
						{words.cancel}
					</button>
				</p>
			)}
			{waiting && (
				<p class="composer-left" role="status">
					{words.sendsWhenThere}
				</p>
			)}
			<div class="composer-frame">
				{editing === null && (
					<AttachButton
						words={fileWords}
						endings={model.config.uploads.endings}
						class="composer-attach"
						add={attaching.add}
					/>
				)}
				<textarea
					ref={field}
					data-first
					class="composer-field"
					rows={1}
					dir="auto"
					aria-label={words.write}
					placeholder={words.write}
					aria-describedby={left < limit * (1 - NEARLY) ? "hubbub-left" : undefined}
					aria-invalid={left < 0}
					value={text}
					enterkeyhint="send"
					onInput={(event) => write(event.currentTarget.value)}
					onPaste={(event) => pasted(event, attaching.add)}
					onKeyDown={(event) => {
						// Enter that ends an input method's composition is not ours.
						if (event.isComposing || event.keyCode === 229) return;
						if (event.key === "Escape" && editing) {
							event.stopPropagation();
							model.editing.set(null);
						} else if (event.key === "ArrowUp" && text === "" && !editing) {
							const last = model.lastEditable();
							if (last === null) return;
							model.editing.set(last);
						} else if (event.key === "Enter" && !event.shiftKey) send();
						else return;
						event.preventDefault();
					}}
				/>
				<button
					type="submit"
					class="composer-send"
					aria-label={editing ? words.save : words.send}
					aria-disabled={!sendable}
				>
					<SendIcon />
				</button>
			</div>
			{left < limit * (1 - NEARLY) && (
				<p id="hubbub-left" class={left < 0 ? "composer-left composer-over" : "composer-left"}>
					{left < 0 ? words.tooLong(-left) : words.left(left)}
				</p>
			)}
		</form>
	);
}

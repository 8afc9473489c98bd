import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { SendIcon } from "../ui/icons.js";
import type { Model } from "./model.js";
import { words } from "./words.js";

/** The count of what is left appears when this part of the limit is used. */
const NEARLY = 0.9;

export function Composer({ model }: { model: Model }) {
	const [text, setText] = useState(() => model.draft());
	const field = useRef<HTMLTextAreaElement>(null);
	const limit = model.config.message_chars;
	const left = limit - [...text.trim()].length;
	const sendable = text.trim() !== "" && left >= 0;

	useLayoutEffect(() => {
		const area = field.current;
		if (area === null) return;
		area.style.blockSize = "auto";
		area.style.blockSize = `${area.scrollHeight}px`;
		// It names what changes the height, though it is not read here.
		void text;
	}, [text]);

	const write = (value: string): void => {
		setText(value);
		model.keepDraft(value);
		model.typing(value.trim() !== "");
	};
	const send = (): void => {
		if (!sendable) return;
		model.send(text.trim());
		setText("");
		model.keepDraft("");
		field.current?.focus();
	};

	return (
		<form
			class="composer"
			onSubmit={(event) => {
				event.preventDefault();
				send();
			}}
		>
			<div class="composer-frame">
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
					onKeyDown={(event) => {
						// Enter that ends an input method's composition is not ours.
						if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
						event.preventDefault();
						send();
					}}
				/>
				<button type="submit" class="composer-send" aria-label={words.send} aria-disabled={!sendable}>
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

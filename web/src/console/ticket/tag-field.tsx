import { useRef } from "preact/hooks";
import { AlertIcon, CloseIcon } from "../../ui/icons.js";
import { TAG_CHARS } from "./changes.js";

/** What the field shows and tells. */
export interface TagFieldProps {
	readonly tags: readonly string[];
	readonly typed: string;
	readonly error: string | null;
	readonly suggested: readonly string[];
	readonly autofocus: boolean;
	readonly onTyped: (text: string) => void;
	/** Takes what is in the field; false if it cannot be. */
	readonly onTake: (text: string) => boolean;
	readonly onRemove: (tag: string) => void;
}

/** Tags: Enter or a comma takes what is typed, Backspace in the empty field removes the last. */
export function TagField(props: TagFieldProps) {
	const { tags, typed, error, suggested, onTyped, onTake, onRemove } = props;
	const field = useRef<HTMLInputElement>(null);
	// The button under the finger goes with its tag: the focus must not go with it.
	const remove = (tag: string) => {
		onRemove(tag);
		field.current?.focus();
	};
	return (
		<div class="form-field">
			<label for="details-tags">Tags</label>
			<div class={error ? "text-field tag-frame wrong" : "text-field tag-frame"}>
				{tags.map((tag) => (
					<span class="tag" key={tag}>
						<bdi>{tag}</bdi>
						<button type="button" aria-label={`Remove tag ${tag}`} title="Remove" onClick={() => remove(tag)}>
							<CloseIcon size={16} />
						</button>
					</span>
				))}
				<input
					id="details-tags"
					ref={field}
					dir="auto"
					autocomplete="off"
					autocapitalize="none"
					maxLength={TAG_CHARS * 4}
					value={typed}
					placeholder={tags.length === 0 ? "Add a tag" : ""}
					aria-invalid={error ? true : undefined}
					aria-describedby={error ? "details-tags-error details-tags-help" : "details-tags-help"}
					autofocus={props.autofocus}
					onInput={(event) => {
						const text = event.currentTarget.value;
						if (!text.includes(",") || !onTake(text)) onTyped(text);
					}}
					onKeyDown={(event) => {
						if (event.isComposing) return;
						const last = tags.at(-1);
						if (event.key === "Enter" && typed.trim() !== "") {
							event.preventDefault();
							onTake(typed);
						} else if (event.key === "Backspace" && typed === "" && last !== undefined) {
							onRemove(last);
						}
					}}
				/>
			</div>
			{error && (
				<p class="form-error" id="details-tags-error" role="alert">
					<AlertIcon size={16} />
					<span>{error}</span>
				</p>
			)}
			<p class="form-help" id="details-tags-help">
				Enter adds a tag, Backspace removes the last.
			</p>
			{suggested.length > 0 && (
				<ul class="tag-offers" aria-label="Tags in use">
					{suggested.map((tag) => (
						<li key={tag}>
							<button
								type="button"
								class="tag-offer"
								aria-label={`Add tag ${tag}`}
								onClick={() => {
									onTake(tag);
									field.current?.focus();
								}}
							>
								<bdi>{tag}</bdi>
							</button>
						</li>
					))}
				</ul>
			)}
		</div>
	);
}

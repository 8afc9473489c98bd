import { useRef, useState } from "preact/hooks";
import { CloseIcon } from "../../ui/icons.js";
import { controlProps, Field } from "./fields.js";
import { LANGUAGES, languageName, languageTag } from "./languages.js";

/** Languages in which somebody answers, the preferred one first. */
export function LanguagesField({
	id,
	value,
	error,
	onValue,
}: {
	id: string;
	value: readonly string[];
	error: string | null;
	onValue: (value: string[]) => void;
}) {
	const field = useRef<HTMLInputElement>(null);
	const [typed, setTyped] = useState("");
	const [unknown, setUnknown] = useState<string | null>(null);
	const take = (text: string): boolean => {
		const tag = languageTag(text);
		if (tag === null) return false;
		setTyped("");
		setUnknown(null);
		if (!value.includes(tag)) onValue([...value, tag]);
		return true;
	};
	const insist = () => {
		if (typed.trim() === "" || take(typed)) return;
		setUnknown(`“${typed.trim()}” is no language known here. Write its tag, such as de or pt-BR.`);
	};
	const props = {
		id,
		label: "Languages",
		optional: true,
		help: "Those you can choose appear as you write. The preferred one comes first.",
		error: unknown ?? error,
	};
	return (
		<Field {...props}>
			<div class={props.error ? "text-field tag-frame wrong" : "text-field tag-frame"}>
				{value.map((tag) => (
					<span class="tag" key={tag}>
						<bdi>{languageName(tag)}</bdi>
						<button
							type="button"
							aria-label={`Remove ${languageName(tag)}`}
							title="Remove"
							onClick={() => {
								onValue(value.filter((one) => one !== tag));
								field.current?.focus();
							}}
						>
							<CloseIcon size={16} />
						</button>
					</span>
				))}
				<input
					{...controlProps(props)}
					ref={field}
					list={`${id}-offers`}
					autocomplete="off"
					value={typed}
					placeholder={value.length === 0 ? "Add a language" : ""}
					onInput={(event) => {
						const text = event.currentTarget.value;
						setUnknown(null);
						// Chosen from the offers: nothing more is to be typed.
						const offered = LANGUAGES.some(({ name }) => name === text);
						if (!offered || !take(text)) setTyped(text);
					}}
					onBlur={insist}
					onKeyDown={(event) => {
						if (event.isComposing) return;
						if (event.key === "Enter" && typed.trim() !== "") {
							event.preventDefault();
							insist();
						} else if (event.key === "Backspace" && typed === "" && value.length > 0) {
							onValue(value.slice(0, -1));
						}
					}}
				/>
			</div>
			<datalist id={`${id}-offers`}>
				{LANGUAGES.filter(({ tag }) => !value.includes(tag)).map(({ tag, name }) => (
					<option key={tag} value={name} />
				))}
			</datalist>
		</Field>
	);
}

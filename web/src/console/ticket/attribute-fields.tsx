import { useRef } from "preact/hooks";
import { AlertIcon, CloseIcon } from "../../ui/icons.js";
import { ATTRIBUTE_CHARS, ATTRIBUTE_NAME_CHARS, ATTRIBUTES, type Attribute } from "./changes.js";

/** What the fields show and tell. */
export interface AttributeFieldsProps {
	readonly attributes: readonly Attribute[];
	readonly error: string | null;
	readonly onChange: (attributes: readonly Attribute[]) => void;
}

/** Whatever else is to be known of the matter: a name and a value each. Enter in the last one begins another. */
export function AttributeFields({ attributes, error, onChange }: AttributeFieldsProps) {
	const box = useRef<HTMLFieldSetElement>(null);
	const change = (key: number, over: Partial<Attribute>) =>
		onChange(attributes.map((one) => (one.key === key ? { ...one, ...over } : one)));
	const focus = (selector: string) =>
		requestAnimationFrame(() => box.current?.querySelector<HTMLElement>(selector)?.focus());
	const add = () => {
		const key = Math.max(-1, ...attributes.map((one) => one.key)) + 1;
		onChange([...attributes, { key, name: "", value: "" }]);
		focus(`[data-attribute="${key}"]`);
	};
	const remove = (key: number) => {
		onChange(attributes.filter((one) => one.key !== key));
		focus("[data-add]");
	};
	return (
		<fieldset class="form-field attributes" ref={box}>
			<legend>More details</legend>
			{attributes.map(({ key, name, value }, at) => (
				<div class="attribute" key={key}>
					<input
						class="text-field"
						aria-label={`Name of detail ${at + 1}`}
						data-attribute={key}
						dir="auto"
						autocomplete="off"
						maxLength={ATTRIBUTE_NAME_CHARS}
						value={name}
						placeholder="Order number"
						onInput={(event) => change(key, { name: event.currentTarget.value })}
					/>
					<input
						class="text-field"
						aria-label={name.trim() || `Value of detail ${at + 1}`}
						dir="auto"
						autocomplete="off"
						maxLength={ATTRIBUTE_CHARS}
						value={value}
						placeholder="12345"
						onInput={(event) => change(key, { value: event.currentTarget.value })}
						onKeyDown={(event) => {
							if (event.key !== "Enter" || event.isComposing || at < attributes.length - 1 || !value.trim())
								return;
							event.preventDefault();
							add();
						}}
					/>
					<button
						type="button"
						class="icon-button"
						aria-label={`Remove ${name.trim() || `detail ${at + 1}`}`}
						title="Remove"
						onClick={() => remove(key)}
					>
						<CloseIcon size={16} />
					</button>
				</div>
			))}
			{error && (
				<p class="form-error" role="alert">
					<AlertIcon size={16} />
					<span>{error}</span>
				</p>
			)}
			{attributes.length < ATTRIBUTES && (
				<button type="button" class="button outline small" data-add onClick={add}>
					Add a detail
				</button>
			)}
		</fieldset>
	);
}

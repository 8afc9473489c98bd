/** Something to be taken along: shown whole, and copied by a button. */

import { useRef, useState } from "preact/hooks";
import { CheckIcon, CopyIcon } from "../../ui/icons.js";
import type { Announcer } from "../desk/announcer.js";

/** Text with its button; where the browser lets nobody copy, it is selected. */
export function CopyText({
	announcer,
	label,
	text,
	rows = 1,
}: {
	announcer: Announcer;
	label: string;
	text: string;
	rows?: number;
}) {
	const shown = useRef<HTMLTextAreaElement>(null);
	const [copied, setCopied] = useState(false);
	const copy = async () => {
		const done = await copyText(text, shown.current);
		setCopied(done);
		announcer.say(done ? "Copied" : "Selected: copy it with your keys");
	};
	return (
		<div class="copy">
			<textarea
				ref={shown}
				class="text-field"
				aria-label={label}
				readOnly
				rows={rows}
				dir="ltr"
				spellcheck={false}
				value={text}
				onFocus={(event) => event.currentTarget.select()}
			/>
			<button
				type="button"
				class="button outline"
				aria-label={`${copied ? "Copied" : "Copy"}: ${label}`}
				onClick={() => void copy()}
			>
				{copied ? <CheckIcon size={16} /> : <CopyIcon size={16} />}
				{copied ? "Copied" : "Copy"}
			</button>
		</div>
	);
}

/** A page that did not come over TLS has no clipboard: the old way, then, and else only selected. */
async function copyText(text: string, shown: HTMLTextAreaElement | null): Promise<boolean> {
	try {
		await navigator.clipboard.writeText(text);
		return true;
	} catch {
		shown?.select();
		return document.execCommand("copy");
	}
}

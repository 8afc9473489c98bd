import type { ComponentChildren } from "preact";

/** What the document's texts are written in: paragraphs, lists, `code` and **bold**. */
export function Prose({ text }: { readonly text: string }) {
	return (
		<>
			{text.split("\n\n").map((block, at) => {
				const lines = block.split("\n");
				const key = `${at}`;
				if (!lines.every((line) => line.startsWith("- "))) return <p key={key}>{inline(block)}</p>;
				return (
					<ul key={key}>
						{lines.map((line) => (
							<li key={line}>{inline(line.slice(2))}</li>
						))}
					</ul>
				);
			})}
		</>
	);
}

/** A text on one line. */
export function inline(text: string): ComponentChildren[] {
	return text.split(/(`[^`]+`|\*\*[^*]+\*\*)/).map((part, at) => {
		const key = `${at}`;
		if (part.startsWith("`")) return <code key={key}>{part.slice(1, -1)}</code>;
		if (part.startsWith("**")) return <strong key={key}>{part.slice(2, -2)}</strong>;
		return part;
	});
}

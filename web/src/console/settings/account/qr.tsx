import { qrCode } from "./qr-code.js";

/** Clear ground around the code, in modules: readers need it. */
const QUIET = 4;

/** A QR code, always dark on light: not every reader takes the other way round. Nothing where the text is too long. */
export function QrCode({ text, label }: { text: string; label: string }) {
	const code = qrCode(text);
	if (!code) return null;
	const edge = code.length + 2 * QUIET;
	const path = code.flatMap((row, y) =>
		row.map((dark, x) => (dark ? `M${x + QUIET} ${y + QUIET}h1v1h-1z` : "")),
	);
	return (
		<svg
			class="qr"
			viewBox={`0 0 ${edge} ${edge}`}
			role="img"
			aria-label={label}
			shape-rendering="crispEdges"
		>
			<path d={path.join("")} />
		</svg>
	);
}

/** The button in the shop's corner. Without a framework: it is all that most visitors ever load. */

const SVG = "http://www.w3.org/2000/svg";
const SPEECH =
	"M6.5 3.25h7a3.25 3.25 0 0 1 3.25 3.25v4.75a3.25 3.25 0 0 1-3.25 3.25H9.25L6 17.25V14.5A3.2 3.2 0 0 1 3.25 11.25V6.5A3.25 3.25 0 0 1 6.5 3.25Z";
const CHEVRON = "m4.5 7.75 5.5 5.5 5.5-5.5";

export interface Launcher {
	/** Messages that the visitor has not seen. */
	setUnread(count: number): void;
	setOpen(open: boolean): void;
	/** The widget is being fetched. */
	setBusy(busy: boolean): void;
	/** The widget could not be fetched; a further press tries again. */
	setFailed(): void;
	focus(): void;
}

export function createLauncher(root: ShadowRoot, pressed: () => void): Launcher {
	const button = document.createElement("button");
	button.type = "button";
	button.className = "launcher";
	button.setAttribute("aria-haspopup", "dialog");
	button.append(icon("launcher-speech", SPEECH), icon("launcher-chevron", CHEVRON));
	const badge = document.createElement("span");
	badge.className = "launcher-badge";
	badge.setAttribute("aria-hidden", "true");
	badge.hidden = true;
	button.append(badge);
	button.addEventListener("click", pressed);

	let unread = 0;
	let open = false;
	const name = (): void => {
		const news = unread === 0 ? "" : unread === 1 ? ", 1 unread message" : `, ${unread} unread messages`;
		button.setAttribute("aria-label", open ? "Close chat" : `Open chat${news}`);
		button.removeAttribute("title");
	};
	const show = (): void => {
		button.setAttribute("aria-expanded", String(open));
		badge.hidden = open || unread === 0;
		badge.textContent = unread > 9 ? "9+" : String(unread);
		name();
	};
	show();
	root.append(button);

	return {
		setUnread(count) {
			unread = count;
			show();
		},
		setOpen(value) {
			open = value;
			show();
		},
		setBusy(busy) {
			button.setAttribute("aria-busy", String(busy));
		},
		setFailed() {
			const text = "The chat could not be loaded. Try again";
			button.setAttribute("aria-label", text);
			button.title = text;
		},
		focus: () => button.focus(),
	};
}

function icon(name: string, path: string): SVGElement {
	const svg = document.createElementNS(SVG, "svg");
	for (const [key, value] of [
		["class", name],
		["viewBox", "0 0 20 20"],
		["fill", "none"],
		["stroke", "currentColor"],
		["stroke-width", "1.5"],
		["stroke-linecap", "round"],
		["stroke-linejoin", "round"],
		["aria-hidden", "true"],
	] as const) {
		svg.setAttribute(key, value);
	}
	const shape = document.createElementNS(SVG, "path");
	shape.setAttribute("d", path);
	svg.append(shape);
	return svg;
}

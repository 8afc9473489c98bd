/** Tells the team which page the visitor is on, while a chat goes on. */
import type { Model } from "./model.js";

/** The server takes no longer one. */
const URL_CHARS = 2_000;
/** Shops set the title a little after the address. */
const TITLE_MS = 500;

/** Reports the page now, and whenever the shop's script shows another one without loading it. */
export function reportPages(model: Model): void {
	let told: string | null = null;
	let waiting = false;
	const tell = (): void => {
		const url = address();
		if (waiting || url === told || !model.goesOn) return;
		waiting = true;
		model.platform.after(TITLE_MS, () => {
			waiting = false;
			told = address();
			model.onPage(told, document.title);
		});
	};
	model.chats.subscribe(tell);
	// Not in every browser yet; there, such pages are told when something happens in the chat.
	const { navigation } = window as { navigation?: EventTarget };
	navigation?.addEventListener("currententrychange", tell);
	window.addEventListener("popstate", tell);
	tell();
}

function address(): string {
	const url = location.href.split("#", 1)[0] ?? "";
	return url.length > URL_CHARS ? `${location.origin}${location.pathname}`.slice(0, URL_CHARS) : url;
}

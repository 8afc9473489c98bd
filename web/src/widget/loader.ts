/**
 * The script of the embed: shows the launcher, and fetches the widget itself when somebody wants it.
 *
 *     <script async src="https://chat.example/widget.js" data-site="demo"></script>
 *
 * It runs in somebody else's page: it throws nothing, blocks nothing, and adds one element and one global.
 */
import type { SiteConfig } from "../protocol/types.js";
import brandStyles from "../ui/brand.css?inline";
import { brandProperties, parseHex } from "../ui/brand.js";
import tokens from "../ui/tokens.css?inline";
import type { App, AppModule } from "./boot.js";
import hostStyles from "./host.css?inline";
import launcherStyles from "./launcher.css?inline";
import { createLauncher } from "./launcher.js";
import { openStore } from "./stored.js";
import { addStyles } from "./styles.js";

const DEFAULT_COLOR = "#016770";
const ELEMENT = "hubbub-chat";

interface Control {
	open(): void;
	close(): void;
}

/** What an earlier copy of this script left, if the page has it twice. */
const earlier = (globalThis as { Hubbub?: Control }).Hubbub;
const control = earlier ?? start(document.currentScript);

/** Opens the chat. */
export const open = (): void => control?.open();
/** Closes the chat. */
export const close = (): void => control?.close();

function start(script: HTMLOrSVGScriptElement | null): Control | undefined {
	if (!(script instanceof HTMLScriptElement)) return undefined;
	const { site, color, theme, pages } = script.dataset;
	if (site === undefined || site === "") return undefined;
	const baseUrl = new URL(script.src).origin;
	let wanted = false;
	let control: Control | undefined;
	const begin = (): void => {
		embed({ site, baseUrl, color: parseHex(color ?? ""), theme, pages }).then(
			(ready) => {
				control = ready;
				if (wanted) ready.open();
			},
			// No such site, no network, a page that forbids us: the shop stays as it was.
			() => undefined,
		);
	};
	if (document.body === null) document.addEventListener("DOMContentLoaded", begin, { once: true });
	else begin();
	return {
		open: () => {
			wanted = true;
			control?.open();
		},
		close: () => {
			wanted = false;
			control?.close();
		},
	};
}

interface Embedding {
	readonly site: string;
	readonly baseUrl: string;
	/** The page's choice; it goes before the site's. */
	readonly color: string | null;
	readonly theme: string | undefined;
	/** `off`: the team is not told where the visitor goes. */
	readonly pages: string | undefined;
}

async function embed({ site, baseUrl, color, theme, pages }: Embedding): Promise<Control> {
	const answer = await fetch(`${baseUrl}/api/v1/sites/${encodeURIComponent(site)}`, { credentials: "omit" });
	if (!answer.ok) throw new Error(`site: ${answer.status}`);
	const config = (await answer.json()) as SiteConfig;

	const host = document.createElement(ELEMENT);
	// What we say is English so far, whatever the page around it is; the side we stand on goes with it.
	host.lang = "en";
	host.dir = "ltr";
	if (pages === "off") host.dataset.pages = pages;
	if (theme === "light" || theme === "dark") host.dataset.theme = theme;
	const root = host.attachShadow({ mode: "open" });
	paint(host, color ?? parseHex(config.theme.color) ?? DEFAULT_COLOR);
	// The reset comes first: it would undo the colour scheme of the tokens.
	addStyles(root, hostStyles, tokens, brandStyles, launcherStyles);
	document.body.append(host);
	host.style.setProperty("--rem", getComputedStyle(host).fontSize);

	const store = openStore(site);
	let app: Promise<App> | null = null;
	let isOpen = false;
	const load = (): Promise<App> => {
		app ??= import(/* @vite-ignore */ `${baseUrl}${__HUBBUB_APP__}`).then((module: AppModule) =>
			module.mount({ host, root, baseUrl, site, config, launcher, store }),
		);
		return app;
	};
	const run = async (act: (app: App) => void): Promise<void> => {
		launcher.setBusy(true);
		try {
			act(await load());
		} catch {
			app = null;
			launcher.setFailed();
		} finally {
			launcher.setBusy(false);
		}
	};
	const control: Control = {
		open: () => void run((ready) => ready.open()),
		close: () => {
			if (app !== null) void run((ready) => ready.close());
		},
	};
	const pressed = createLauncher(root, () => (isOpen ? control.close() : control.open()));
	const launcher = {
		...pressed,
		setOpen: (value: boolean) => {
			isOpen = value;
			pressed.setOpen(value);
		},
	};
	// A chat that goes on must be able to say so, also one that was begun in another tab.
	const wake = (): void => {
		if (store.get() !== null && app === null) void run(() => undefined);
	};
	wake();
	store.onChange(wake);
	return control;
}

/** The site's colour, on the host: anew when the visitor asks for more contrast. */
function paint(host: HTMLElement, color: string): void {
	const contrast = matchMedia("(prefers-contrast: more)");
	const apply = (): void => {
		for (const [name, value] of brandProperties(color, contrast.matches)) host.style.setProperty(name, value);
	};
	apply();
	contrast.addEventListener("change", apply);
}

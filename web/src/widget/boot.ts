/** What the small script of the embed hands to the widget that it loads. */
import type { SiteConfig } from "../protocol/types.js";
import type { Launcher } from "./launcher.js";
import type { ChatStore } from "./stored.js";

export interface Boot {
	/** The element in the page; its shadow root holds all of ours. */
	readonly host: HTMLElement;
	readonly root: ShadowRoot;
	/** The server's origin. */
	readonly baseUrl: string;
	/** The site's key. */
	readonly site: string;
	readonly config: SiteConfig;
	readonly launcher: Launcher;
	readonly store: ChatStore;
}

/** The widget, as the embed commands it. */
export interface App {
	open(): void;
	close(): void;
}

/** The one export of the widget's file. */
export interface AppModule {
	mount(boot: Boot): App;
}

/** Chromium, and an eye on every page of it: what a page complains of fails the test that opened it. */
import {
	type Browser,
	type BrowserContext,
	type BrowserContextOptions,
	type ConsoleMessage,
	chromium,
} from "playwright-core";

export const PATIENCE_MS = 15_000;

export async function launch(): Promise<Browser> {
	return await chromium.launch({
		executablePath: process.env.HUBBUB_CHROMIUM ?? "/usr/bin/chromium",
		args: [
			"--no-sandbox",
			"--disable-gpu",
			"--no-first-run",
			"--disable-background-networking",
			"--disable-component-update",
			"--disable-sync",
			// Whatever asks somebody else gets no answer, and complains.
			"--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
		],
	});
}

export const DESKTOP = { viewport: { width: 1280, height: 800 } } as const;
export const WIDE = { viewport: { width: 1440, height: 900 } } as const;
export const PHONE = {
	viewport: { width: 390, height: 844 },
	deviceScaleFactor: 2,
	isMobile: true,
	hasTouch: true,
} as const;

export interface WindowOptions extends BrowserContextOptions {
	/** Complaints that belong to what the test does: a server that is away, a login that is not there. */
	readonly expected?: readonly RegExp[];
}

/** A browser window with nothing in it: its own storage, its own cookies. */
export interface Window {
	readonly context: BrowserContext;
	/** What its pages complained of without being expected to. */
	readonly complaints: readonly string[];
}

export async function openWindow(browser: Browser, options: WindowOptions = {}): Promise<Window> {
	const { expected = [], ...rest } = options;
	const context = await browser.newContext({ locale: "en-GB", ...DESKTOP, ...rest });
	context.setDefaultTimeout(PATIENCE_MS);
	const complaints: string[] = [];
	const complain = (text: string): void => {
		if (!expected.some((pattern) => pattern.test(text))) complaints.push(text);
	};
	await context.addInitScript(() => {
		addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
			throw new Error(`the policy's ${violatedDirective} forbids ${blockedURI}`);
		});
	});
	context.on("console", (message) => {
		if (message.type() === "error") complain(describe(message));
	});
	context.on("weberror", (error) => complain(`thrown: ${error.error().stack ?? error.error().message}`));
	context.on("dialog", (dialog) => {
		complain(`dialog: ${dialog.type()} ${dialog.message()}`);
		void dialog.dismiss();
	});
	return { context, complaints };
}

function describe(message: ConsoleMessage): string {
	return `${message.text()} (${message.location().url})`;
}

/** The server is away, or a proxy is in the way. */
export const NO_SERVER = [
	/ERR_CONNECTION_(REFUSED|RESET|CLOSED)/,
	/ERR_EMPTY_RESPONSE|ERR_SOCKET_NOT_CONNECTED/,
	/WebSocket connection to/,
];
/** The browser was told that it is offline. */
export const NO_NETWORK = [/ERR_INTERNET_DISCONNECTED/];
/** The console asks who we are, and nobody is signed in yet. */
export const SIGNED_OUT = [/401 \(Unauthorized\).*\/auth\//];

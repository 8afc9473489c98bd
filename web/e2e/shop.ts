/** Somebody's shop: a page of another origin, with a strict policy and a style sheet that means no harm. */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** What shops do to everything on their pages. */
const STYLES = `
html { font-size: 10px; }
* { letter-spacing: 0.2em !important; text-transform: uppercase; }
button, input, textarea { all: unset; background: hotpink; font-size: 40px; }
div, p { display: inline; margin: 3em; color: yellow; }
`;

export class Shop {
	readonly #server: Server;

	private constructor(chat: string, site: string) {
		const socket = chat.replace(/^http/, "ws");
		const policy = [
			"default-src 'none'",
			`script-src ${chat}`,
			`connect-src ${chat} ${socket}`,
			"style-src 'self'",
			"img-src 'self'",
			"base-uri 'none'",
			"form-action 'none'",
		].join("; ");
		const page = `<!doctype html><html lang="de"><head><meta charset="utf-8"><title>Ein Laden</title>
			<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="/icon.svg">
			<link rel="stylesheet" href="/shop.css"><script async src="${chat}/widget.js" data-site="${site}"></script>
			</head><body><main><h1>Ein Laden</h1><p>Tassen und Kannen.</p></main></body></html>`;
		this.#server = createServer(({ url }, answer) => {
			if (url === "/shop.css") answer.setHeader("Content-Type", "text/css").end(STYLES);
			else if (url === "/icon.svg") {
				answer.setHeader("Content-Type", "image/svg+xml").end('<svg xmlns="http://www.w3.org/2000/svg"/>');
			} else {
				answer.setHeader("Content-Type", "text/html; charset=utf-8");
				answer.setHeader("Content-Security-Policy", policy).end(page);
			}
		});
	}

	static async start(chat: string, site = "demo"): Promise<Shop> {
		const shop = new Shop(chat, site);
		shop.#server.listen(0, "127.0.0.1");
		await once(shop.#server, "listening");
		return shop;
	}

	/** Its address under one of the names of this machine, each of which is another origin. */
	url(host: "localhost" | "127.0.0.1"): string {
		return `http://${host}:${(this.#server.address() as AddressInfo).port}`;
	}

	async end(): Promise<void> {
		const closed = once(this.#server, "close");
		this.#server.close();
		this.#server.closeAllConnections();
		await closed;
	}
}

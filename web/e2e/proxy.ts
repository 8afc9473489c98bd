/** A reverse proxy between browser and server, which can be told to let no WebSocket through. */
import { once } from "node:events";
import { createServer, type IncomingMessage, request, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";

export class ReverseProxy {
	/** While false, an upgrade is answered as by a proxy that has never heard of them. */
	upgrades = true;
	/** Upgrades that were asked for, and those that got through. */
	asked = 0;
	passed = 0;
	readonly #server: Server;
	readonly #open = new Set<Duplex>();
	readonly #upgraded = new Set<Duplex>();

	private constructor(target: URL) {
		this.#server = createServer((incoming, answer) => {
			const { method, url, headers } = incoming;
			const outgoing = request(target, { method, path: url, headers }, (response) => {
				answer.writeHead(response.statusCode ?? 502, response.headers);
				response.pipe(answer);
			});
			// A browser that hangs up while we hold its request for news: the server learns of it, too.
			answer.on("close", () => outgoing.destroy());
			outgoing.on("error", () => answer.destroy());
			incoming.pipe(outgoing);
		});
		this.#server.on("connection", (socket) => this.#keep(socket));
		this.#server.on("upgrade", (incoming, socket, head) => this.#upgrade(target, incoming, socket, head));
	}

	static async start(target: string): Promise<ReverseProxy> {
		const proxy = new ReverseProxy(new URL(target));
		proxy.#server.listen(0, "127.0.0.1");
		await once(proxy.#server, "listening");
		return proxy;
	}

	get url(): string {
		return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
	}

	/** Lets no WebSocket through any more, not those that are open either. */
	refuseUpgrades(): void {
		this.upgrades = false;
		for (const socket of this.#upgraded) socket.destroy();
	}

	async end(): Promise<void> {
		const closed = once(this.#server, "close");
		this.#server.close();
		for (const socket of this.#open) socket.destroy();
		await closed;
	}

	#upgrade(target: URL, incoming: IncomingMessage, socket: Duplex, head: Buffer): void {
		this.asked += 1;
		if (!this.upgrades) {
			socket.end("HTTP/1.1 426 Upgrade Required\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
			return;
		}
		this.passed += 1;
		const onward: Socket = connect(Number(target.port), target.hostname, () => {
			const lines = [`${incoming.method} ${incoming.url} HTTP/1.1`];
			for (let i = 0; i < incoming.rawHeaders.length; i += 2) {
				lines.push(`${incoming.rawHeaders[i]}: ${incoming.rawHeaders[i + 1]}`);
			}
			onward.write(`${lines.join("\r\n")}\r\n\r\n`);
			onward.write(head);
			onward.pipe(socket).pipe(onward);
		});
		this.#keep(onward);
		this.#upgraded.add(socket);
		for (const [one, other] of [
			[socket, onward],
			[onward, socket],
		] as const) {
			one.on("error", () => other.destroy());
			one.on("close", () => other.destroy());
		}
		socket.on("close", () => this.#upgraded.delete(socket));
	}

	#keep(socket: Duplex): void {
		this.#open.add(socket);
		socket.on("error", () => socket.destroy());
		socket.on("close", () => this.#open.delete(socket));
	}
}

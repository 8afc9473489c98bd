/** One address for several nodes: a new connection goes to one that is ready, and stays there. */
import { once } from "node:events";
import { request } from "node:http";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** A node that takes longer to say that it is ready is taken not to be. */
const READY_MS = 1_000;

export class Balancer {
	readonly #server: Server;
	readonly #open = new Set<Socket>();
	/** In the order in which they are asked. */
	#nodes: readonly URL[];

	private constructor(nodes: readonly string[]) {
		this.#nodes = nodes.map((node) => new URL(node));
		this.#server = createServer((socket) => {
			this.#keep(socket);
			void this.#pass(socket);
		});
	}

	static async start(nodes: readonly string[]): Promise<Balancer> {
		const balancer = new Balancer(nodes);
		balancer.#server.listen(0, "127.0.0.1");
		await once(balancer.#server, "listening");
		return balancer;
	}

	get url(): string {
		return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
	}

	/** From now on new connections go there, while it is ready. */
	prefer(node: string): void {
		const { href } = new URL(node);
		this.#nodes = [new URL(node), ...this.#nodes.filter((other) => other.href !== href)];
	}

	async end(): Promise<void> {
		const closed = once(this.#server, "close");
		this.#server.close();
		for (const socket of this.#open) socket.destroy();
		await closed;
	}

	async #pass(socket: Socket): Promise<void> {
		for (const node of this.#nodes) {
			if (!(await isReady(node))) continue;
			const onward = connect(Number(node.port), node.hostname);
			this.#keep(onward);
			socket.on("close", () => onward.destroy());
			onward.on("close", () => socket.destroy());
			onward.pipe(socket).pipe(onward);
			return;
		}
		socket.destroy();
	}

	#keep(socket: Socket): void {
		this.#open.add(socket);
		socket.on("error", () => socket.destroy());
		socket.on("close", () => this.#open.delete(socket));
	}
}

/** Asked anew each time: a balancer that learns it late sends people to a node that sends them back. */
function isReady(node: URL): Promise<boolean> {
	return new Promise((resolve) => {
		const signal = AbortSignal.timeout(READY_MS);
		const asking = request(new URL("/readyz", node), { agent: false, signal }, (answer) => {
			answer.resume();
			resolve(answer.statusCode === 200);
		});
		asking.on("error", () => resolve(false));
		asking.end();
	});
}

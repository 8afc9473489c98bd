/** What a test has around it. All of it is gone after the test, however that ends. */
import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";
import { afterAll, test as base } from "vitest";
import { Agent } from "./agent.js";
import { Balancer } from "./balancer.js";
import { launch, openWindow, type Window, type WindowOptions } from "./browser.js";
import { Customer } from "./customer.js";
import { ReverseProxy } from "./proxy.js";
import { ADMIN, type Login, Server, type ServerOptions } from "./server.js";
import { Postgres, Redis } from "./services.js";
import { Shop } from "./shop.js";

let browser: Promise<Browser> | null = null;
afterAll(async () => {
	await (await browser)?.close();
	browser = null;
});

export interface Cluster {
	readonly a: Server;
	readonly b: Server;
	readonly redis: Redis;
}

export class World {
	readonly #windows: Window[] = [];
	readonly #servers: Server[] = [];
	readonly #ends: (() => Promise<void>)[] = [];

	async server(options?: ServerOptions): Promise<Server> {
		const server = await Server.start(options);
		this.#servers.push(server);
		this.#ends.push(() => server.end());
		return server;
	}

	/** Two nodes on one Postgres and one Redis. */
	async cluster(): Promise<Cluster> {
		const redis = await Redis.start();
		this.#ends.push(() => redis.end());
		const postgres = await Postgres.start();
		this.#ends.push(() => postgres.end());
		const databaseUrl = postgres.url;
		const flags = ["--redis-url", redis.url, "--drain-seconds", "2"];
		const a = await this.server({ databaseUrl, flags });
		const b = await this.server({ databaseUrl, flags });
		return { a, b, redis };
	}

	async balancer(...nodes: readonly Server[]): Promise<Balancer> {
		const balancer = await Balancer.start(nodes.map(({ url }) => url));
		this.#ends.push(() => balancer.end());
		return balancer;
	}

	async proxy(target: string): Promise<ReverseProxy> {
		const proxy = await ReverseProxy.start(target);
		this.#ends.push(() => proxy.end());
		return proxy;
	}

	async shop(chat: string, site?: string): Promise<Shop> {
		const shop = await Shop.start(chat, site);
		this.#ends.push(() => shop.end());
		return shop;
	}

	async window(options?: WindowOptions): Promise<Window> {
		browser ??= launch();
		const window = await openWindow(await browser, options);
		this.#windows.push(window);
		this.#ends.push(() => window.context.close());
		return window;
	}

	/** Somebody on the page of a shop: by default the demo's. */
	async customer(url: string, options?: WindowOptions): Promise<Customer> {
		const { context } = await this.window(options);
		const page = await context.newPage();
		await page.goto(url);
		return new Customer(page);
	}

	/** A member of the team, signed in, at their desk. */
	async agent(
		server: Pick<Server, "url">,
		options: WindowOptions & { readonly login?: Login; readonly path?: string } = {},
	): Promise<Agent> {
		const { login = ADMIN, path = "/console", ...rest } = options;
		const { context } = await this.window(rest);
		await Agent.signIn(context, server.url, login);
		const page = await context.newPage();
		await page.goto(path.startsWith("/") ? `${server.url}${path}` : path);
		return new Agent(page, server.url);
	}

	/** Everything that any page complained of. */
	get complaints(): readonly string[] {
		return this.#windows.flatMap(({ complaints }) => complaints);
	}

	/** For whoever looks into a failure: what the pages showed, and what the servers said. */
	async keepEvidence(name: string): Promise<void> {
		const folder = new URL(`../test-results/${name.replaceAll(/[^\w]+/g, "-")}/`, import.meta.url);
		await mkdir(folder, { recursive: true });
		const pages = this.#windows.flatMap(({ context }) => context.pages());
		for (const [i, page] of pages.entries()) {
			const path = fileURLToPath(new URL(`page-${i + 1}.png`, folder));
			// A page that cannot be shown any more must not hide why the test failed.
			await page.screenshot({ path, timeout: 5_000 }).catch(() => undefined);
		}
		const logs = this.#servers.map(({ log }) => log).join("\n---\n");
		await writeFile(new URL("server.log", folder), logs);
		await writeFile(new URL("complaints.txt", folder), this.complaints.join("\n"));
	}

	async end(): Promise<void> {
		// One that cannot be ended must not leave the others running.
		const ended = await Promise.allSettled(this.#ends.reverse().map((end) => end()));
		for (const end of ended) if (end.status === "rejected") throw end.reason;
	}
}

export const test = base.extend<{ world: World }>({
	world: async ({ task }, use) => {
		const world = new World();
		try {
			await use(world);
			if (task.result?.state === "fail" || world.complaints.length > 0) await world.keepEvidence(task.name);
			if (world.complaints.length > 0) {
				throw new Error(`pages complained:\n${world.complaints.join("\n")}`);
			}
		} finally {
			await world.end();
		}
	},
});

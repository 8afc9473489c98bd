import type { Client, ClientOptions, KeyValueStore } from "../client/api.js";
import { createClient } from "../client/client.js";
import { openLists } from "../client/lists.js";
import { FakePlatform } from "./platform.js";
import { FakeServer } from "./server.js";

export interface World {
	readonly server: FakeServer;
	readonly platform: FakePlatform;
	readonly client: Client;
	/** Lets time pass. */
	pass(ms?: number): Promise<void>;
}

/** A server with a chat, and a client that was not started yet. */
export function makeWorld(
	options: {
		server?: FakeServer;
		storage?: KeyValueStore;
		prefix?: string;
		client?: Partial<ClientOptions>;
	} = {},
): World {
	const server = options.server ?? new FakeServer("chat");
	const platform = new FakePlatform(server, options.storage, options.prefix);
	const client = createClient({
		baseUrl: "http://server.test",
		token: "secret",
		owner: "demo",
		platform,
		lists: openLists,
		clientName: "test",
		...options.client,
	});
	return { server, platform, client, pass: (ms = 100) => platform.clock.advance(ms) };
}

/** The same with a connection that stands, and the chat open. */
export async function makeOpenWorld(options: Parameters<typeof makeWorld>[0] = {}) {
	const world = makeWorld(options);
	const stream = world.client.openSession("chat");
	world.client.start();
	await world.pass();
	return { ...world, stream };
}

export const bodies = (snapshot: { entries: readonly { kind: string; body: string }[] }): string[] =>
	snapshot.entries.filter((entry) => entry.kind !== "event").map((entry) => entry.body);

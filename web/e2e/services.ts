/** A Postgres and a Redis of our own, gone after the test. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const SCRIPTS = new URL("../../persistence/src/testing/", import.meta.url);

/**
 * A script of the store's own tests that holds a server and obeys one command a line. When its input ends, however we
 * ended, it kills the server and removes its files.
 */
class Holder {
	readonly port: number;
	readonly #script: ChildProcess;
	readonly #answers: AsyncIterator<string>;

	private constructor(script: ChildProcess, port: number) {
		this.port = port;
		this.#script = script;
		if (script.stdout === null) throw new Error("it was piped");
		this.#answers = createInterface({ input: script.stdout })[Symbol.asyncIterator]();
	}

	static async start(name: string, ...words: readonly string[]): Promise<Holder> {
		const failures: string[] = [];
		// Somebody else may take the free port before the server does.
		for (let i = 0; i < 3; i += 1) {
			const port = await freePort();
			const folder = await mkdtemp(join(tmpdir(), `hubbub-e2e-${name}-`));
			const path = fileURLToPath(new URL(`${name}.sh`, SCRIPTS));
			// A group of its own: it has to clean up after a Ctrl-C that ends us.
			const script = spawn("sh", [path, folder, String(port), ...words], {
				detached: true,
				stdio: ["pipe", "pipe", "ignore"],
			});
			const holder = new Holder(script, port);
			const answer = await holder.#answer();
			if (answer === "ready") return holder;
			failures.push(answer);
		}
		throw new Error(failures.join("\n"));
	}

	async obey(command: string): Promise<void> {
		this.#script.stdin?.write(`${command}\n`);
		const answer = await this.#answer();
		if (answer !== "done") throw new Error(`${command}: ${answer}`);
	}

	async end(): Promise<void> {
		if (this.#script.exitCode !== null) return;
		const ended = once(this.#script, "exit");
		this.#script.stdin?.end();
		await ended;
	}

	async #answer(): Promise<string> {
		const { value } = await this.#answers.next();
		return value ?? "the script ended";
	}
}

export class Postgres {
	readonly #holder: Holder;

	private constructor(holder: Holder) {
		this.#holder = holder;
	}

	static async start(): Promise<Postgres> {
		return new Postgres(await Holder.start("postgres", "off"));
	}

	/** The database that comes with every Postgres. */
	get url(): string {
		return `postgres://hubbub@127.0.0.1:${this.#holder.port}/postgres`;
	}

	async end(): Promise<void> {
		await this.#holder.end();
	}
}

export class Redis {
	readonly #holder: Holder;

	private constructor(holder: Holder) {
		this.#holder = holder;
	}

	static async start(): Promise<Redis> {
		return new Redis(await Holder.start("redis"));
	}

	get url(): string {
		return `redis://127.0.0.1:${this.#holder.port}`;
	}

	/** Pulls the plug. */
	async kill(): Promise<void> {
		await this.#holder.obey("kill");
	}

	/** Comes up again, where it was, and empty. */
	async startAgain(): Promise<void> {
		await this.#holder.obey("start");
	}

	async end(): Promise<void> {
		await this.#holder.end();
	}
}

async function freePort(): Promise<number> {
	const server = createServer().listen(0, "127.0.0.1");
	await once(server, "listening");
	const address = server.address();
	const closed = once(server, "close");
	server.close();
	await closed;
	if (address === null || typeof address === "string") throw new Error("no port");
	return address.port;
}

/** The real server: on a free port, with a store of its own unless it is given one. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

const BINARY = process.env.HUBBUB_BIN ?? fileURLToPath(new URL("../../target/debug/hubbub", import.meta.url));

/** On Linux the kernel ends a server when we end, however that is. */
const [PROGRAM, ...BEFORE]: readonly [string, ...string[]] =
	process.platform === "linux" ? ["setpriv", "--pdeathsig", "KILL", BINARY] : [BINARY];

/** Only what the tests give: whoever runs them may have settings of their own. */
const ENVIRONMENT = {
	PATH: process.env.PATH,
	// Most tests have a customer alone; those of messages say otherwise by a flag.
	HUBBUB_TAKE_MESSAGES: "false",
};

/** People in tests are faster than people; tests of limits set their own. */
const ROOM = [
	"--starts-per-minute",
	"1000",
	"--login-tries-per-minute",
	"1000",
	"--customer-send-burst",
	"200",
	"--agent-sends-per-minute",
	"200",
];

/** The admin's, unless the server is asked to make one up. */
export const ADMIN = { email: "admin@localhost", password: "a password for tests" } as const;

export interface ServerOptions {
	/** The first admin gets a one-time password, as on a real first start. */
	readonly oneTimePassword?: boolean;
	readonly flags?: readonly string[];
	/** A Postgres, in place of a file in a folder of the server's own. */
	readonly databaseUrl?: string;
}

const running = new Set<ChildProcess>();
process.on("exit", () => {
	for (const child of running) child.kill("SIGKILL");
});

export class Server {
	/** All that it printed, over all starts: for whoever looks into a failure. */
	log = "";
	/** What the first start printed for people. */
	banner = "";
	/** As printed; the same over all starts. */
	url = "";
	/** Null where the store is a Postgres. */
	readonly #folder: string | null;
	readonly #store: readonly string[];
	readonly #flags: readonly string[];
	#child: ChildProcess | null = null;

	private constructor(folder: string | null, store: readonly string[], flags: readonly string[]) {
		this.#folder = folder;
		this.#store = store;
		this.#flags = flags;
	}

	static async start(options: ServerOptions = {}): Promise<Server> {
		const { oneTimePassword = false, flags = [], databaseUrl } = options;
		if (!existsSync(BINARY)) throw new Error(`${BINARY} is missing: cargo build --bin hubbub`);
		const admin = oneTimePassword ? [] : ["--admin-password", ADMIN.password];
		let folder: string | null = null;
		let store: readonly string[];
		if (databaseUrl === undefined) {
			folder = await mkdtemp(join(tmpdir(), "hubbub-e2e-"));
			store = ["--data-dir", folder];
		} else store = ["--database-url", databaseUrl];
		const server = new Server(folder, store, [...admin, ...ROOM, ...flags]);
		await server.#start("127.0.0.1:0");
		server.banner = server.log;
		return server;
	}

	/** The one-time password that the first start printed. */
	get oneTimePassword(): string {
		const password = /Password {4}(\S+)/.exec(this.banner)?.[1];
		if (password === undefined) throw new Error(`no password in:\n${this.banner}`);
		return password;
	}

	/** Pulls the plug. */
	async kill(): Promise<void> {
		await this.#end("SIGKILL");
	}

	/** Asks it to end, and waits until it has let everybody go. */
	async stop(): Promise<void> {
		const code = await this.#end("SIGTERM");
		if (code !== 0) throw new Error(`asked to stop, it ended with ${code}:\n${this.log}`);
	}

	/** Comes up again, where it was. */
	async startAgain(): Promise<void> {
		await this.#start(new URL(this.url).host);
	}

	/** Adds a member of the team, whose password need not be changed. */
	async addAgent(name: string, role = "agent", email = `${name.toLowerCase()}@team.example`): Promise<Login> {
		const login = { email, password: `the password of ${name}` };
		const words = [
			"agent",
			"add",
			"--email",
			login.email,
			"--name",
			name,
			"--role",
			role,
			"--password-stdin",
		];
		await this.#command(words, login.password);
		return login;
	}

	async disableAgent(email: string): Promise<void> {
		await this.#command(["agent", "disable", "--email", email]);
	}

	/** Ends it, and leaves nothing behind. */
	async end(): Promise<void> {
		await this.#end("SIGKILL");
		if (this.#folder !== null) await rm(this.#folder, { recursive: true, force: true });
	}

	async #start(listen: string): Promise<void> {
		const words = ["serve", "--listen", listen, ...this.#store, ...this.#flags];
		const child = spawn(PROGRAM, [...BEFORE, ...words], {
			env: ENVIRONMENT,
			stdio: ["ignore", "pipe", "pipe"],
		});
		running.add(child);
		this.#child = child;
		child.stderr?.on("data", (data: Buffer) => {
			this.log += data;
		});
		this.url = await new Promise<string>((resolve, reject) => {
			child.once("error", reject);
			child.once("exit", (code) => reject(new Error(`the server ended with ${code}:\n${this.log}`)));
			let url = "";
			createInterface({ input: child.stdout }).on("line", (line) => {
				this.log += `${line}\n`;
				url = /Demo shop {3}(\S+)\/demo/.exec(line)?.[1] ?? url;
				// An empty line ends what is printed for people.
				if (url !== "" && line === "") resolve(url);
			});
		});
	}

	/** Its exit status; null if a signal ended it. */
	async #end(signal: NodeJS.Signals): Promise<number | null> {
		const child = this.#child;
		this.#child = null;
		if (child === null || child.exitCode !== null || child.signalCode !== null) {
			return child?.exitCode ?? null;
		}
		const ended = once(child, "exit");
		child.kill(signal);
		await ended;
		running.delete(child);
		return child.exitCode;
	}

	async #command(words: readonly string[], input = ""): Promise<void> {
		const going = run(BINARY, [...words, ...this.#store], { env: ENVIRONMENT });
		going.child.stdin?.end(`${input}\n`);
		await going;
	}
}

export interface Login {
	readonly email: string;
	readonly password: string;
}

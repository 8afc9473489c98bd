/** A client in TypeScript, generated from the OpenAPI document by a tool of others. */
import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const run = promisify(execFile);

export const DOCUMENT = at("../../protocol/openapi.json");
/** Below node_modules, where the client finds what it builds on. */
export const FOLDER = at("./node_modules/.cache/openapi");

/** Runs a program by the path of its package; fails with what it says. */
export async function tool(program: string, ...words: readonly string[]): Promise<void> {
	try {
		await run(at(program), words);
	} catch (error) {
		const said = error as { readonly stdout?: string; readonly stderr?: string };
		throw new Error(`${program} failed:\n${said.stdout}\n${said.stderr}`);
	}
}

/** Writes the client, and says where. */
export async function generateClient(): Promise<string> {
	await mkdir(FOLDER, { recursive: true });
	const client = `${FOLDER}/client.ts`;
	await tool("./node_modules/.bin/oazapfts", DOCUMENT, client);
	return client;
}

/** The OpenAPI document as tools of others read it: it is a good one, and a client generated from it compiles. */
import { readFile, writeFile } from "node:fs/promises";
import { BaseResolver, createConfig, lintDocument, makeDocumentFromString } from "@redocly/openapi-core";
import { expect, onTestFinished, test } from "vitest";
import { Server } from "../e2e/server.js";
import { DOCUMENT, FOLDER, generateClient, tool } from "./generate.js";

async function faults(text: string): Promise<string[]> {
	const problems = await lintDocument({
		document: makeDocumentFromString(text, DOCUMENT),
		config: await createConfig({ extends: ["recommended-strict"] }),
		externalRefResolver: new BaseResolver(),
	});
	return problems.map(
		({ ruleId, message, location: [place] }) => `${ruleId} at ${place?.pointer}: ${message}`,
	);
}

test("the document is OpenAPI 3.1, and no rule finds fault with it", async () => {
	const text = await readFile(DOCUMENT, "utf8");
	expect(await faults(text)).toEqual([]);
	const broken = text.replace('"#/components/schemas/StartSession"', '"#/components/schemas/Nothing"');
	expect(await faults(broken)).toContainEqual(expect.stringMatching(/^no-unresolved-refs at /));
});

/** What somebody may do with the client; the second half must not compile. */
const USE = `
import { defaults, type Entry, getSession, listEntries, listSessions, sendMessage, startSession } from "./client";

export async function talk(): Promise<Entry[]> {
	defaults.baseUrl = "https://shop.example";
	const started = await startSession("demo", { name: "Ana", phone: "+447700900118" });
	if (started.status !== 201) throw new Error(started.data.code satisfies string);
	defaults.headers = { Authorization: \`Bearer \${started.data.token}\` };
	const id = started.data.session.id;
	await sendMessage(id, { id: crypto.randomUUID(), body: "hello" });
	const page = await listEntries(id, { after: 0, limit: 10 });
	return page.status === 200 ? page.data.items : [];
}

export async function lists(): Promise<number> {
	const open = await listSessions({ status: ["open", "in_progress"], sort: "waiting" });
	return open.status === 200 ? open.data.total : 0;
}

// @ts-expect-error: no such status
export const unknown = () => listSessions({ status: ["lost"] });
// @ts-expect-error: an answer that is no good one has no session
export const unchecked = async () => (await getSession("x")).data.subject;
`;

test("a client generated from it compiles", async () => {
	const client = await generateClient();
	await writeFile(`${FOLDER}/use.ts`, USE);
	const options = ["--strict", "--noEmit", "--target", "es2022", "--module", "esnext", "--types", ""];
	await tool(
		"../node_modules/.bin/tsc",
		"--ignoreConfig",
		...options,
		"--moduleResolution",
		"bundler",
		client,
		`${FOLDER}/use.ts`,
	);
});

test("a client generated from the document talks to the server", async () => {
	const server = await Server.start();
	onTestFinished(() => server.end());
	const client = await import(await generateClient());
	client.defaults.baseUrl = server.url;
	const started = await client.startSession("demo", { name: "Phương Anh", phone: "+44 7700 900118" });
	expect(started.status).toBe(201);
	client.defaults.headers = { Authorization: `Bearer ${started.data.token}` };
	const { id } = started.data.session;
	const sent = await client.sendMessage(id, { id: crypto.randomUUID(), body: "Does it run large?" });
	expect(sent.status).toBe(201);
	const page = await client.listEntries(id, { after: 1 });
	expect(page.data.items).toMatchObject([{ kind: "message", body: "Does it run large?" }]);
	const refused = await client.listSessions({ status: ["open", "resolved"] });
	expect(refused).toMatchObject({ status: 403, data: { code: "forbidden" } });
});

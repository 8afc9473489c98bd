/** Makes the pictures that the documents show: HUBBUB_SCREENSHOTS=1 npm run e2e -- pictures */
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { StartedSession } from "../src/protocol/types.js";
import type { Agent } from "./agent.js";
import { test } from "./world.js";

const FOLDER = new URL("../../docs/images/", import.meta.url);
const path = (name: string) => fileURLToPath(new URL(`${name}.png`, FOLDER));

const SHARP = { deviceScaleFactor: 1.5, colorScheme: "light" } as const;
const SHOP = { viewport: { width: 700, height: 760 }, ...SHARP } as const;
const DESK = { viewport: { width: 1280, height: 760 }, ...SHARP } as const;

/** Another chat of the agent's, with or without an answer. */
async function other(agent: Agent, i: number, name: string, message: string, answer?: string): Promise<void> {
	const post = async (path: string, data?: object) => {
		const response = await agent.page.request.post(`${agent.url}/api/v1${path}`, { data });
		if (!response.ok()) throw new Error(`${path}: ${await response.text()}`);
		return response;
	};
	const phone = `+44 20 7946 010${i}`;
	const response = await post("/sites/demo/sessions", { name, phone, message });
	const { session } = (await response.json()) as StartedSession;
	await post(`/sessions/${session.id}/claim`);
	if (answer === undefined) return;
	await post(`/sessions/${session.id}/read`, { seq: session.last_seq });
	await post(`/sessions/${session.id}/messages`, { id: crypto.randomUUID(), body: answer });
}

test.runIf(process.env.HUBBUB_SCREENSHOTS === "1")("pictures for the documents", async ({ world }) => {
	await mkdir(FOLDER, { recursive: true });
	const server = await world.server();
	const login = await server.addAgent("Ana Ribeiro", "supervisor", "ana@tern-and-tide.example");
	const agent = await world.agent(server, { ...DESK, login });
	await other(agent, 1, "Youssef Benali", "Is the Skerry in stock in yellow, size L?");
	await other(agent, 2, "Marit Olsen", "My parcel says delivered. It is not here.");
	await other(agent, 3, "Leo Fontaine", "Can I still change the colour?", "You can, until it ships at four.");
	await other(agent, 4, "Ada Okafor", "Thanks for the patch!", "Gladly. It will outlast the sleeve.");

	const customer = await world.customer(`${server.url}/demo`, SHOP);
	await customer.start({ name: "Phương Anh", message: "Does the Skerry run large? I usually take a 38." });
	await agent.openChat("Phương Anh", "unassigned");
	await agent.take();
	await agent.view("mine");
	await agent.send("A little. With a thick jumper beneath, 38 is right; without one, take 36.");
	await customer.bubble("Does the Skerry run large? I usually take a 38.").waitFor();
	await customer.send("Then 38, for the jumper. And the hood?");
	await agent.bubble("Then 38, for the jumper. And the hood?").waitFor();
	await agent.send("It folds into the collar and stays where you put it.");
	await customer.send("Sold.");
	await agent.bubble("Sold.").waitFor();
	await agent.field.fill("");
	await customer.mark("Read").waitFor();
	await agent.field.pressSequentially("It ships today. ");
	await customer.field.pressSequentially("One more thing");
	await agent.above.getByText("Phương Anh is writing").waitFor();
	await customer.typing.waitFor({ state: "attached" });

	const pictures: string[] = [];
	for (const [page, name] of [
		[customer.page, "widget"],
		[agent.page, "console"],
	] as const) {
		const picture = await page.screenshot({ path: path(name), animations: "disabled" });
		pictures.push(`data:image/png;base64,${picture.toString("base64")}`);
	}

	const { context } = await world.window({ viewport: { width: 2076, height: 824 }, deviceScaleFactor: 1 });
	const page = await context.newPage();
	await page.setContent(`<!doctype html><style>
		body { display: flex; gap: 32px; margin: 0; padding: 32px; background: #dfe6e7; }
		img { height: 760px; border-radius: 12px; box-shadow: 0 0 0 1px #10191b1f, 0 8px 24px #10191b24; }
	</style>${pictures.map((picture) => `<img alt="" src="${picture}">`).join("")}`);
	await page.locator("img").last().waitFor();
	await page.screenshot({ path: path("chat") });
});

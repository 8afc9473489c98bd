import { expect } from "vitest";
import { barriers } from "./axe.js";
import { WIDE } from "./browser.js";
import { test } from "./world.js";

test("many chats are changed at once, by keys and by the pointer", async ({ world }) => {
	const server = await world.server();
	const agent = await world.agent(server, WIDE);
	const { page } = agent;
	const start = async (n: number) => {
		const data = { name: `Visitor ${n}`, phone: `+4477009001${10 + n}`, message: `Question ${n}` };
		const answer = await page.request.post(`${server.url}/api/v1/sites/demo/sessions`, { data });
		expect(answer.ok(), await answer.text()).toBe(true);
		return ((await answer.json()) as { session: { id: string } }).session.id;
	};
	const ids: string[] = [];
	for (let n = 0; n < 6; n++) ids.push(await start(n));
	await agent.view("all");
	await agent.row("Question 5").waitFor();
	const bar = page.getByRole("toolbar", { name: "Chosen chats" });
	const job = page.getByRole("region", { name: "Change of many chats" });

	// By keys: one, then with Shift all in between.
	await agent.row("Question 5").focus();
	await page.keyboard.press("x");
	await bar.getByText("1 chat chosen").waitFor();
	await page.keyboard.press("ArrowDown");
	await page.keyboard.press("ArrowDown");
	await page.keyboard.press("Shift+X");
	await bar.getByText("3 chats chosen").waitFor();
	expect(await agent.row("Question 4").getAttribute("aria-checked")).toBe("true");
	expect(await barriers(page), "chosen").toEqual([]);
	await bar.getByRole("button", { name: "More" }).click();
	const dialog = page.getByRole("dialog", { name: "Change 3 chats" });
	await dialog.getByLabel("What to do").selectOption("Add tags");
	await dialog.getByLabel("Tags", { exact: true }).fill("backlog");
	expect(await barriers(page), "dialog").toEqual([]);
	await dialog.getByRole("button", { name: "Change 3 chats" }).click();
	await job.getByText("Done: 3 chats").waitFor();
	for (const id of ids.slice(3)) expect((await agent.summary(id)).tags).toEqual(["backlog"]);
	await job.getByRole("button", { name: "Dismiss" }).click();

	// By the pointer: one that is over already cannot be resolved, and is named.
	const closed = await page.request.patch(`${server.url}/api/v1/sessions/${ids[0]}`, {
		data: { status: "closed" },
	});
	expect(closed.ok()).toBe(true);
	await agent.row("Question 2").hover();
	await agent.row("Question 2").locator(".row-check").click();
	await bar.getByRole("button", { name: "All shown" }).click();
	await bar.getByText("6 chats chosen").waitFor();
	await bar.getByRole("button", { name: "Resolve" }).click();
	await job.getByText("Done: 5 chats. 1 could not be changed.").waitFor();
	await job.getByText("1 not changed").click();
	await job.getByText(/^#\d+ Visitor 0: The chat is closed/).waitFor();
	expect(await barriers(page), "done").toEqual([]);

	// Closing asks first; Escape chooses none.
	await page.getByRole("button", { name: "Select", exact: true }).click();
	await agent.row("Question 1").click({ modifiers: ["ControlOrMeta"] });
	await bar.getByRole("button", { name: "Close", exact: true }).click();
	const question = page.getByRole("dialog", { name: "Close 1 chat?" });
	await question.getByRole("button", { name: "Keep them open" }).click();
	await question.waitFor({ state: "detached" });
	expect((await agent.summary(ids[1] ?? "")).status).toBe("resolved");
	await bar.getByRole("button", { name: "Close", exact: true }).click();
	await question.getByRole("button", { name: "Close 1 chat" }).click();
	await job.getByText("Done: 1 chat").waitFor();
	expect((await agent.summary(ids[1] ?? "")).status).toBe("closed");
	await agent.row("Question 3").focus();
	await page.keyboard.press("x");
	await bar.waitFor();
	await page.keyboard.press("Escape");
	await bar.waitFor({ state: "detached" });
});

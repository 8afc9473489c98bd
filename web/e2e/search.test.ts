import { expect } from "vitest";
import { barriers } from "./axe.js";
import { PHONE, WIDE } from "./browser.js";
import { test } from "./world.js";

test("a chat is found by a phone number typed another way, and by what was said long ago", async ({
	world,
}) => {
	const server = await world.server();
	const agent = await world.agent(server, WIDE);
	const { page } = agent;
	const start = async (name: string, phone: string, message: string) => {
		const data = { name, phone, message };
		const answer = await page.request.post(`${server.url}/api/v1/sites/demo/sessions`, { data });
		expect(answer.ok(), await answer.text()).toBe(true);
		return ((await answer.json()) as { session: { id: string } }).session.id;
	};
	const first = await start("Nguyễn Thị Ánh", "+84912345678", "Where is my purple umbrella?");
	await start("Beatrice", "+447700900118", "The raincoat is <b>too small</b>");
	for (let n = 0; n < 19; n++) {
		const data = { id: crypto.randomUUID(), body: `Filling line ${n}\nand more of it\nand more` };
		const sent = await page.request.post(`${server.url}/api/v1/sessions/${first}/messages`, { data });
		expect(sent.ok(), await sent.text()).toBe(true);
	}
	await agent.view("all");
	await agent.row("Beatrice").waitFor();

	const field = page.getByRole("textbox", { name: "Search all chats" });
	const found = page.getByRole("listbox", { name: "Found" });
	const results = found.getByRole("option");
	const count = page.locator(".list-head .count");

	await page.keyboard.press("/");
	await expect.poll(() => field.evaluate((input) => input === document.activeElement)).toBe(true);
	await page.keyboard.type("0912 345 678", { delay: 15 });
	await count.getByText("1 chat", { exact: true }).waitFor();
	await results.filter({ hasText: "Phone +84912345678" }).waitFor();
	expect(await field.inputValue()).toBe("0912 345 678");
	expect(await barriers(page), "found").toEqual([]);

	await field.fill("nguyn");
	await results.filter({ hasText: "Nguyễn Thị Ánh" }).locator("mark").waitFor();

	// What was said is found a moment later: asked again until then.
	let turn = 0;
	const marks = async () => {
		const all = await found.locator("mark").allTextContents();
		if (all.length < 2) await field.fill(turn++ % 2 === 0 ? "purple umb" : "purple umbr");
		return all;
	};
	await expect.poll(marks, { interval: 700 }).toEqual(["purple", "umbrella"]);
	await field.press("ArrowDown");
	await page.keyboard.press("Enter");
	const hit = agent.log.locator("[data-hit]");
	await hit.getByText("Where is my purple umbrella?").waitFor();
	await expect
		.poll(() =>
			hit.evaluate((line) => {
				const box = line.getBoundingClientRect();
				const log = line.closest(".log")?.getBoundingClientRect();
				return log !== undefined && box.top >= log.top && box.bottom <= log.bottom;
			}),
		)
		.toBe(true);
	expect(new URL(page.url()).searchParams.get("at")).toBe("2");

	// Markup is text, in snippets too.
	await field.fill("raincoat");
	await results.filter({ hasText: "<b>too small</b>" }).waitFor();
	await page.getByRole("button", { name: "Over" }).click();
	await page.getByText("Nothing found for").waitFor();
	expect(await barriers(page), "nothing").toEqual([]);
	await page.getByRole("button", { name: "Search all chats" }).click();
	await results.filter({ hasText: "raincoat" }).waitFor();

	// The address brings the search back; Escape ends it.
	await page.reload();
	await results.filter({ hasText: "raincoat" }).waitFor();
	await field.press("Escape");
	await agent.list.getByRole("heading", { name: "All" }).waitFor();
	expect(await field.inputValue()).toBe("");

	await page.setViewportSize(PHONE.viewport);
	await page.goto(`${server.url}/console?q=raincoat`);
	await results.filter({ hasText: "raincoat" }).click();
	await agent.log.locator("[data-hit]").getByText("The raincoat is").waitFor();
});

import { expect } from "vitest";
import { barriers } from "./axe.js";
import { WIDE } from "./browser.js";
import { test } from "./world.js";

test("two chats of a customer go on as one, and are parted again", async ({ world }) => {
	const server = await world.server();
	const first = await world.customer(`${server.url}/demo`);
	await first.start({ name: "Rosa", message: "Where is my parcel?" });
	const second = await world.customer(`${server.url}/demo`);
	await second.start({ name: "Rosa", message: "Nobody answers" });
	const agent = await world.agent(server, WIDE);
	await agent.view("unassigned");
	await agent.row("Where is my parcel?").click();
	await agent.bubble("Where is my parcel?").waitFor();
	const source = agent.session;
	const { page } = agent;

	// By keys: the menu, the dialog, and there.
	const menu = page.getByRole("menu", { name: "More actions" });
	const openMenu = async () => {
		await agent.head.getByRole("button", { name: "More actions" }).press("ArrowDown");
		await menu.waitFor();
	};
	await openMenu();
	await menu.getByRole("menuitem", { name: "Merge into another chat" }).press("Enter");
	const dialog = page.getByRole("dialog", { name: /^Merge #\d+ into another chat$/ });
	await dialog.getByRole("radio", { name: /Nobody answers/ }).waitFor();
	expect(await barriers(page), "dialog").toEqual([]);
	await page.keyboard.press("Escape");
	await dialog.waitFor({ state: "detached" });
	await openMenu();
	await menu.getByRole("menuitem", { name: "Merge into another chat" }).press("Enter");
	await dialog.getByRole("button", { name: /^Merge into #\d+$/ }).click();
	await dialog.waitFor({ state: "detached" });
	await agent.bubble("Nobody answers").waitFor();
	const target = agent.session;
	expect(target).not.toBe(source);
	const { number } = await agent.summary(source);
	const block = agent.log.locator("details.merged");
	await block.getByText(`From #${number}: 1 message`).click();
	await block.getByText("Where is my parcel?").waitFor();
	await page.getByText(`#${number} goes on here`).first().waitFor();
	expect(await barriers(page), "merged").toEqual([]);
	expect(await agent.summary(source)).toMatchObject({
		status: "closed",
		merged_into: { session_id: target },
	});

	// The old one leads here; what one writes there comes here.
	await block.getByRole("link", { name: `Open #${number}` }).click();
	await page.getByText(/^It was merged, and goes on in #\d+\.$/).waitFor();
	await agent.send("It is on its way");
	await expect.poll(() => agent.session).toBe(target);
	await second.bubble("It is on its way").waitFor();

	// And it is undone.
	await block.locator("summary").click();
	await block.getByRole("link", { name: `Open #${number}` }).click();
	await page.getByRole("button", { name: "Undo the merge" }).click();
	await page.getByText("The chat is one of its own again").first().waitFor();
	await agent.log.getByText(/Parted from #\d+ again by you/).waitFor();
	await agent.send("Your parcel is in Porto");
	await agent.bubble("Your parcel is in Porto").waitFor();
	expect(agent.session).toBe(source);
	await first.bubble("Your parcel is in Porto").waitFor();
	expect(await agent.summary(source)).toMatchObject({ status: "in_progress" });
	expect(await agent.storedMessages(target)).toEqual(["Nobody answers", "It is on its way"]);
});

import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { barriers } from "./axe.js";
import { DESKTOP, PHONE, WIDE } from "./browser.js";
import { test } from "./world.js";

/** Where pictures are kept, if somebody wants to look at them. */
const SHOTS = process.env.HUBBUB_SHOTS;

async function shot(page: Page, where: string): Promise<void> {
	if (SHOTS) await page.screenshot({ path: join(SHOTS, `${where}.png`), animations: "disabled" });
}

test("an agent keeps a contact: edits it, merges it, blocks it", async ({ world }) => {
	const server = await world.server();
	// What is refused to somebody who is blocked is what this is about.
	const rosa = await world.customer(`${server.url}/demo`, { expected: [/403/] });
	await rosa.start({ name: "Rosa", phone: "+44 7700 900301", message: "Where is my parcel?" });
	const other = await world.customer(`${server.url}/demo`);
	await other.start({ name: "Rosa Diaz", phone: "+44 7700 900302", message: "Nobody answers" });

	const agent = await world.agent(server, {
		...WIDE,
		path: "/console/settings/attributes",
		expected: [/4(09|22) \((Conflict|Unprocessable Entity)\)/],
	});
	const { page } = agent;
	await page.getByText("There is no attribute yet.").waitFor();
	await page.getByRole("button", { name: "New attribute" }).click();
	const define = page.getByRole("dialog", { name: "New attribute" });
	await define.getByLabel("Name", { exact: true }).fill("Plan");
	await define.getByLabel("Kind").selectOption("list");
	await define.getByLabel("Choices").fill("Gold\nTin");
	expect(await barriers(page), "new attribute").toEqual([]);
	await shot(page, "attribute-dialog");
	await define.getByRole("button", { name: "Define attribute" }).click();
	await page.getByText("Of contacts · Choice").waitFor();
	expect(await barriers(page), "attributes").toEqual([]);

	// Beside the chat: typed values, edited in place.
	await page.goto(`${server.url}/console`);
	await agent.openChat("Rosa Diaz", "unassigned");
	await agent.view("unassigned");
	await agent.row("Where is my parcel?").click();
	const side = page.getByRole("region", { name: "About the customer" });
	await side.getByText("Their first chat").waitFor();
	await side.getByRole("button", { name: "Edit contact" }).click();
	const edit = page.getByRole("dialog", { name: "Edit Rosa" });
	await edit.getByLabel("E-mail").fill("nonsense");
	await edit.getByLabel("Plan").selectOption("Gold");
	await edit.getByRole("button", { name: "Save" }).click();
	await edit.getByText("must be an e-mail address").waitFor();
	expect(await barriers(page), "edit").toEqual([]);
	await shot(page, "edit-dialog");
	await edit.getByLabel("E-mail").fill("rosa@shop.example");
	await edit.getByRole("button", { name: "Save" }).click();
	await edit.waitFor({ state: "detached" });
	await side.getByText("Gold").waitFor();
	await page.getByRole("link", { name: "rosa@shop.example" }).waitFor();

	// Two who are one.
	await side.getByRole("button", { name: "Merge" }).click();
	const merge = page.getByRole("dialog", { name: "Merge Rosa into another one" });
	await merge.getByRole("radio", { name: /Rosa Diaz/ }).check();
	expect(await barriers(page), "merge").toEqual([]);
	await shot(page, "merge-dialog");
	await merge.getByRole("button", { name: "Merge into Rosa Diaz" }).click();
	await merge.waitFor({ state: "detached" });
	await side.getByText("1 other chat, 1 of them open").waitFor();
	await page.getByText("Contacts merged by you: of Rosa Diaz now").waitFor();
	await shot(page, "side");

	// All about them, and undone.
	await side.getByRole("link", { name: "About this contact" }).click();
	await page.getByRole("heading", { name: "Rosa Diaz" }).waitFor();
	await page.getByRole("heading", { name: "Chats (2)" }).waitFor();
	expect(await barriers(page), "contact").toEqual([]);
	await shot(page, "contact");
	await page.getByRole("button", { name: "Undo the merge of Rosa" }).click();
	await page.getByRole("heading", { name: "Chats (1)" }).waitFor();
	await page.getByRole("navigation", { name: "Workspace" }).getByRole("link", { name: "Contacts" }).click();
	await page.getByRole("searchbox", { name: "Find a contact" }).fill("07700 900301");
	await page.getByText("1 found").waitFor();
	expect(await barriers(page), "contacts").toEqual([]);
	await shot(page, "contacts");

	// Who is blocked is told so quietly, and cannot write.
	await page.getByRole("link", { name: /Rosa/ }).click();
	await page.getByRole("button", { name: "Block" }).click();
	const block = page.getByRole("dialog", { name: "Block Rosa?" });
	await block.getByLabel("Reason").fill("Swears at us");
	expect(await barriers(page), "block").toEqual([]);
	await shot(page, "block-dialog");
	await block.getByRole("button", { name: "Block" }).click();
	await page.getByText(/^Blocked until .* by Admin: Swears at us$/).waitFor();
	const shut = rosa.panel.getByText("The chat is not available here just now.");
	await shut.waitFor();
	await rosa.field.waitFor({ state: "detached" });
	expect(await barriers(rosa.page), "a blocked customer's widget").toEqual([]);
	await shot(rosa.page, "widget-blocked");
	await rosa.page.reload();
	await rosa.open();
	await shut.waitFor();
	await shot(rosa.page, "widget-blocked-reloaded");
	await page.getByRole("button", { name: "Lift the block" }).click();
	await page.getByText("The block is lifted").first().waitFor();
	await rosa.page.reload();
	await rosa.open();
	await rosa.send("Sorry about that");
	await rosa.bubble("Sorry about that").waitFor();
	await shut.waitFor({ state: "detached" });
});

test("contacts look as they should, by day and night, wide and narrow", async ({ world }) => {
	const server = await world.server();
	const rosa = await world.customer(`${server.url}/demo`);
	await rosa.start({ name: "Rosa", phone: "+44 7700 900303", message: "Where is my parcel?" });
	for (const colorScheme of ["light", "dark"] as const) {
		for (const [where, size] of [
			["desktop", DESKTOP],
			["phone", PHONE],
		] as const) {
			const agent = await world.agent(server, {
				...size,
				colorScheme,
				path: "/console/contacts",
			});
			const { page } = agent;
			await page.getByRole("link", { name: /Rosa/ }).waitFor();
			expect(await barriers(page), `list ${where} ${colorScheme}`).toEqual([]);
			await shot(page, `list-${where}-${colorScheme}`);
			await page.getByRole("link", { name: /Rosa/ }).click();
			await page.getByRole("heading", { name: "What is known" }).waitFor();
			expect(await barriers(page), `one ${where} ${colorScheme}`).toEqual([]);
			await shot(page, `one-${where}-${colorScheme}`);
		}
	}
});

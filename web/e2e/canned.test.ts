/** Canned answers: made in the settings, said in a chat by their shortcut, with their blanks filled in. */
import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { barriers } from "./axe.js";
import { DESKTOP, PHONE } from "./browser.js";
import { test } from "./world.js";

/** Where to leave pictures of what was looked at. */
const SHOTS = process.env.HUBBUB_CANNED_SHOTS;

const clear = async (page: Page, where: string) => {
	expect(await barriers(page), where).toEqual([]);
	if (SHOTS) await page.screenshot({ path: join(SHOTS, `${where}.png`), animations: "disabled" });
};
const toast = (page: Page, text: string) => page.locator(".toast").getByText(text);
/** What the server refuses, the form tells beside its field. */
const REFUSED = [/4(09|22) \((Conflict|Unprocessable Entity)\)/];
const LATE =
	"Dear {{contact.first_name | customer}}, I am sorry about your {{? item}}.\n\nA new one leaves us today, {{? when}}.";

for (const [where, size] of [
	["desktop", DESKTOP],
	["phone", PHONE],
] as const) {
	for (const colorScheme of ["light", "dark"] as const) {
		test(`an answer is made and said by its shortcut, ${where}, ${colorScheme}`, async ({ world }) => {
			const server = await world.server();
			const customer = await world.customer(`${server.url}/demo`);
			await customer.start({ message: "My coat came torn" });
			const agent = await world.agent(server, {
				...size,
				colorScheme,
				expected: REFUSED,
				path: "/console/settings/canned",
			});
			const { page } = agent;
			const shot = (what: string) => clear(page, `${what}-${where}-${colorScheme}`);
			await page.getByText("There is no canned answer yet").waitFor();
			await shot("none");

			// What cannot be filled in is said while it is written, and refused beside its field.
			await page.getByRole("link", { name: "New answer" }).click();
			await page.getByLabel("Shortcut").fill("/late");
			await page.getByLabel("Title").fill("Replacement, no return");
			await page.getByLabel("Category").fill("Damaged");
			const text = page.getByLabel("Text", { exact: true });
			await text.fill("Dear {{customer}}");
			await page.getByText("The text names {{customer}}, which is no variable.").waitFor();
			await page.getByRole("button", { name: "Save" }).click();
			await page.locator("#canned-body-error").getByText("which is no variable").waitFor();
			await shot("refused");
			await text.fill("Dear ");
			await page.getByRole("button", { name: "First name", exact: true }).click();
			expect(await text.inputValue()).toBe("Dear {{contact.first_name}}");
			await text.fill(LATE);
			await page.locator(".canned-shown").getByText("Dear Ana, I am sorry about your").waitFor();
			await expect.poll(() => page.locator(".canned-shown mark").allTextContents()).toEqual(["item", "when"]);
			await shot("new");
			await page.getByRole("button", { name: "Save" }).click();
			await page.getByRole("link", { name: /Replacement, no return.*Not used yet/ }).waitFor();
			await shot("list");

			for (const [shortcut, title, body, scope] of [
				["label", "Return label", "Print the label, please.", "all"],
				["bye", "", "Have a good day, {{contact.first_name}}!", "personal"],
			]) {
				const made = await page.request.post(`${server.url}/api/v1/canned`, {
					data: { shortcut, title, body, scope },
					headers: { Origin: server.url },
				});
				expect(made.status()).toBe(201);
			}

			// In a chat: by its shortcut, with the arrow keys, or by what it says.
			await page.goto(`${server.url}/console`);
			await agent.openChat("Phương Anh", "unassigned");
			await agent.field.pressSequentially("Hello! /");
			const list = page.getByRole("listbox", { name: "Canned answers" });
			await expect.poll(() => list.getByRole("option").count()).toBe(3);
			await agent.field.press("ArrowDown");
			await agent.field.press("ArrowDown");
			await expect
				.poll(() => list.getByRole("option", { selected: true }).textContent())
				.toContain("Replacement, no return");
			if (where === "desktop") await page.locator(".canned-preview").getByText("Dear Phương").waitFor();
			await shot("choosing");
			await agent.field.press("Escape");
			await list.waitFor({ state: "detached" });
			expect(await agent.field.inputValue()).toBe("Hello! /");
			await agent.field.pressSequentially(" ");
			await agent.field.fill("Hello! ");
			await agent.field.pressSequentially("/sorry");
			await expect.poll(() => list.getByRole("option").count()).toBe(1);
			await agent.field.press("Enter");

			// Its blanks, one after the other.
			const filled = (item: string, when: string) =>
				`Hello! Dear Phương, I am sorry about your ${item}.\n\nA new one leaves us today, ${when}.`;
			await expect.poll(() => agent.field.inputValue()).toBe(filled("[item]", "[when]"));
			await page.getByRole("button", { name: "2 blanks to fill" }).waitFor();
			await shot("blanks");
			await agent.field.pressSequentially("coat");
			if (where === "desktop") await agent.field.press("Tab");
			else await page.getByRole("button", { name: "1 blank to fill" }).click();
			// Sending asks once.
			await agent.field.press("Enter");
			await agent.above.getByText("[when] is not filled in.").waitFor();
			await shot("asked");
			await agent.field.pressSequentially("by post");
			expect(await agent.field.inputValue()).toBe(filled("coat", "by post"));
			await agent.field.press("Enter");
			await customer.bubble(filled("coat", "by post")).waitFor();
			await expect.poll(() => agent.field.inputValue()).toBe("");

			// By the button, quicker than the list comes.
			const button = page.getByRole("button", { name: "Canned answers" });
			await button.click();
			await expect.poll(() => list.getByRole("option").count()).toBe(3);
			await agent.field.press("Escape");
			await expect.poll(() => agent.field.inputValue()).toBe("");
			// The key comes before the list does.
			await agent.field.pressSequentially("/bye");
			await agent.field.press("Enter");
			await expect.poll(() => agent.field.inputValue()).toBe("Have a good day, Phương!");
			await agent.field.press("Enter");
			await customer.bubble("Have a good day, Phương!").waitFor();
			await agent.send("/nothing like it");
			await customer.bubble("/nothing like it").waitFor();
			await button.click();
			await agent.field.pressSequentially("zzz");
			await page.getByText("No canned answer fits.").waitFor();
			await shot("nothing-fits");
			await page.getByRole("link", { name: "Go to your canned answers" }).click();
			await page.getByRole("link", { name: /Replacement, no return.*Used once/ }).waitFor();
			await shot("list-used");
		});
	}
}

test("everybody has their own, and files bring and take them", async ({ world }) => {
	const server = await world.server();
	const admin = await world.agent(server, { path: "/console/settings/canned", expected: REFUSED });
	const tess = await world.agent(server, {
		login: await server.addAgent("Tess"),
		path: "/console/settings/canned",
	});
	const { page } = admin;
	const file = join(tmpdir(), `canned-${process.pid}.csv`);
	await writeFile(file, "shortcut,body,scope\nhello,Hello there,all\na b,x,\n");
	await page.getByRole("button", { name: "Import" }).click();
	const dialog = page.getByRole("dialog", { name: "Import canned answers" });
	await dialog.getByLabel("File", { exact: true }).setInputFiles(file);
	await dialog.getByRole("button", { name: "Import" }).click();
	await dialog.getByText("row 3: shortcut may hold only letters").waitFor();
	await clear(page, "import-refused");
	await writeFile(file, "short_code;content;scope\nhello;Hello there;all\nsum;=1+1;\n");
	await dialog.getByLabel("File", { exact: true }).setInputFiles(file);
	await dialog.getByRole("button", { name: "Import" }).click();
	await toast(page, "2 new, 0 replaced").waitFor();
	await page.getByRole("link", { name: /hello.*For everybody/ }).waitFor();
	const coming = page.waitForEvent("download");
	await page.getByRole("link", { name: "Export as CSV" }).click();
	const saved = await (await coming).path();
	expect(await readFile(saved, "utf8")).toContain("sum,,,'=1+1,personal,");

	// An agent has what is for everybody, and makes their own, which comes first.
	await tess.page.reload();
	await tess.page.getByRole("link", { name: /hello/ }).click();
	await tess.page.getByText("Supervisors and admins change it.").waitFor();
	expect(await tess.page.getByRole("button", { name: "Delete answer" }).count()).toBe(0);
	await clear(tess.page, "not-yours");
	await tess.page.goto(`${server.url}/console/settings/canned/new`);
	await tess.page.getByLabel("Shortcut").fill("hello");
	await tess.page.getByLabel("Text", { exact: true }).fill("Hi, Tess here");
	expect(await tess.page.getByText("Who has it").count()).toBe(0);
	await tess.page.getByRole("button", { name: "Save" }).click();
	await tess.page.getByRole("link", { name: /hello.*another one comes before it/ }).waitFor();
	await tess.page.getByLabel("Whose").selectOption("personal");
	await expect.poll(() => tess.page.locator(".rows > li").count()).toBe(1);
	await tess.page.getByRole("link", { name: /hello.*Your own/ }).click();
	await tess.page.getByRole("button", { name: "Delete answer" }).click();
	await clear(tess.page, "delete");
	await tess.page.getByRole("dialog").getByRole("button", { name: "Delete answer" }).click();
	await toast(tess.page, "Canned answer deleted").waitFor();
	await tess.page.getByRole("link", { name: /hello.*For everybody/ }).waitFor();

	// Given to a team, which must be named.
	await page.request.post(`${server.url}/api/v1/teams`, {
		data: { name: "Returns" },
		headers: { Origin: server.url },
	});
	await page.getByRole("link", { name: /sum/ }).click();
	await page.getByRole("radio", { name: "A team" }).check();
	await page.getByRole("button", { name: "Save" }).click();
	await page.locator("#canned-team-error").getByText("The team is missing.").waitFor();
	await page.getByLabel("Team", { exact: true }).selectOption({ label: "Returns" });
	await page.getByRole("button", { name: "Save" }).click();
	await toast(page, "Saved").waitFor();
	await clear(page, "team");
	await page.getByRole("link", { name: "Canned answers" }).first().click();
	await page.getByRole("link", { name: /sum.*Returns/ }).waitFor();
});

/** Of one pixel. */
const PNG = Buffer.from(
	"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
	"base64",
);

for (const [where, size, colorScheme] of [
	["desktop", DESKTOP, "light"],
	["desktop", DESKTOP, "dark"],
	["phone", PHONE, "light"],
] as const) {
	test(`an answer brings its picture, ${where}, ${colorScheme}`, async ({ world }) => {
		const server = await world.server();
		const customer = await world.customer(`${server.url}/demo`);
		await customer.start({ message: "Where is the reset button?" });
		const agent = await world.agent(server, {
			...size,
			colorScheme,
			expected: REFUSED,
			path: "/console/settings/canned/new",
		});
		const { page } = agent;
		const shot = (what: string) => clear(page, `files-${what}-${where}-${colorScheme}`);
		const picture = (name: string) => ({ name, mimeType: "image/png", buffer: PNG });

		// Chosen before there is an answer, they go with it; one that is not taken says why.
		await page.getByLabel("Shortcut").fill("reset");
		await page.getByLabel("Text", { exact: true }).fill("It is the red one.");
		const files = page.locator("input[type=file]");
		await files.setInputFiles([picture("red button.png"), { ...picture("fake.csv"), mimeType: "text/csv" }]);
		await page.getByRole("button", { name: "Save" }).click();
		await page.getByText("fake.csv is said to be text/csv, but holds PNG").first().waitFor();
		await page.getByText("The answer is saved, but not all of its files.").waitFor();
		await page.getByRole("button", { name: "Remove red button.png" }).waitFor();
		await page.getByRole("button", { name: "Remove fake.csv" }).click();
		await shot("kept");

		// More of them, and one less; each at once.
		await page.goto(`${server.url}/console/settings/canned`);
		await page.getByRole("link", { name: /reset.*1 file/ }).click();
		await files.setInputFiles([picture("other.png")]);
		await page.getByRole("button", { name: "Remove other.png" }).waitFor();
		await page.reload();
		const removed = page.waitForResponse((answer) => answer.request().method() === "DELETE");
		await page.getByRole("button", { name: "Remove other.png" }).click();
		await page.getByRole("button", { name: "Remove other.png" }).waitFor({ state: "detached" });
		expect((await removed).status()).toBe(204);
		await page.reload();
		await page.getByRole("button", { name: "Remove red button.png" }).waitFor();
		expect(await page.getByRole("button", { name: "Remove other.png" }).count()).toBe(0);
		await shot("edit");

		await page.goto(`${server.url}/console`);
		await agent.openChat("Phương Anh", "unassigned");
		await agent.field.pressSequentially("/reset");
		const list = page.getByRole("listbox", { name: "Canned answers" });
		await expect.poll(() => list.getByRole("option").count()).toBe(1);
		if (where === "desktop") await page.locator(".canned-preview").getByText("With red button.png").waitFor();
		await agent.field.press("Enter");
		await page.getByRole("button", { name: "Remove red button.png" }).waitFor();
		await shot("tray");
		await agent.field.press("Enter");
		await customer.bubble("It is the red one.").waitFor();
		const shown = customer.log.getByRole("link", { name: /Open red button.png/ });
		await expect
			.poll(() => shown.locator("img").evaluate((image) => (image as HTMLImageElement).naturalWidth))
			.toBeGreaterThan(0);
		const address = new URL((await shown.getAttribute("href")) ?? "", server.url);

		// The answer goes, and what was sent stays.
		const { items } = (await (await page.request.get(`${server.url}/api/v1/canned`)).json()) as {
			items: { id: string }[];
		};
		await page.request.delete(`${server.url}/api/v1/canned/${items[0]?.id}`, {
			headers: { Origin: server.url },
		});
		expect((await fetch(address)).status).toBe(200);
	});
}

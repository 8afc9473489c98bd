import type { Page } from "playwright-core";
import { expect } from "vitest";
import type { Agent } from "./agent.js";
import { barriers } from "./axe.js";
import { DESKTOP, PHONE, SIGNED_OUT } from "./browser.js";
import { totpCode } from "./totp.js";
import { test } from "./world.js";

const clear = async (page: Page, where: string) => {
	expect(await barriers(page), where).toEqual([]);
	const { viewport } = PHONE;
	const narrow = (page.viewportSize()?.width ?? 0) <= viewport.width;
	const width = await page.evaluate(() => document.documentElement.scrollWidth);
	if (narrow) expect(width, `${where}: sideways`).toBeLessThanOrEqual(viewport.width);
};
const dialog = (page: Page, name: string | RegExp) => page.getByRole("dialog", { name });
const toast = (page: Page, text: string) => page.locator(".toast").getByText(text);
const saved = async (page: Page) => {
	await toast(page, "Saved").waitFor();
	await page.locator(".save-bar").waitFor({ state: "detached" });
};
/** What the server refuses, the form tells beside its field. */
const REFUSED = [/4(09|22) \((Conflict|Unprocessable Entity)\)/];

/** Goes to a section as one does: by the rail, or what stands for it on a phone. */
async function section({ page }: Agent, name: string): Promise<void> {
	const rail = page.getByRole("link", { name: "Settings" }).filter({ visible: true });
	const you = page.locator(".bottom-bar").getByRole("button", { name: "You", exact: true });
	await rail
		.or(you.filter({ visible: true }))
		.first()
		.click();
	if (await you.isVisible()) await dialog(page, /.*/).getByRole("button", { name: "Settings" }).click();
	await page.getByRole("navigation", { name: "Settings" }).getByRole("link", { name }).click();
	await page.getByRole("heading", { level: 1, name }).waitFor();
}

test("everybody has an account of their own to keep", async ({ world }) => {
	const server = await world.server();
	const login = await server.addAgent("Tess");
	const tess = await world.agent(server, { ...DESKTOP, login, expected: REFUSED });
	const { page } = tess;
	await section(tess, "My account");
	expect(new URL(page.url()).pathname).toBe("/console/settings/account");
	// What is not for an agent is not shown to one.
	const names = await page.getByRole("navigation", { name: "Settings" }).getByRole("link").allTextContents();
	expect(names).toEqual(["My account", "Contacts", "Canned answers", "Macros", "Views"]);
	await page.getByText(login.email).waitFor();
	await clear(page, "account");

	// A refusal stands beside its field, and takes the focus there.
	const name = page.getByLabel("Name");
	await name.fill("  ");
	await page.getByLabel("Picture").fill("http://not.secure.example/me.png");
	await page.getByText("2 changes, not saved yet").waitFor();
	await page.getByRole("button", { name: "Save" }).click();
	await page.locator("#account-name-error").getByText("Your name").waitFor();
	await page.locator("#account-picture-error").getByText("https://example.com/me.png").waitFor();
	await expect.poll(() => name.evaluate((field) => field === document.activeElement)).toBe(true);
	await clear(page, "account refused");
	await name.fill("Tess O’Hara");
	await page.getByLabel("Picture").fill("");
	await page.getByLabel("Signature").fill("Tess\nReturns and repairs");
	const languages = page.getByRole("combobox", { name: "Languages" });
	await languages.fill("German");
	await languages.fill("pt-br");
	await page.keyboard.press("Enter");
	await page.getByRole("button", { name: "Remove Brazilian Portuguese" }).waitFor();
	await languages.fill("Klingonese");
	await page.keyboard.press("Enter");
	await page.getByText("“Klingonese” is no language known here.").waitFor();
	await languages.fill("");

	// What is not saved is not lost by going elsewhere, neither by a link nor by the browser's way back.
	await page.getByRole("link", { name: "Mine" }).click();
	const leaving = dialog(page, "Leave without saving?");
	await leaving.waitFor();
	await clear(page, "asked before leaving");
	await leaving.getByRole("button", { name: "Stay here" }).click();
	await page.goBack();
	await leaving.getByRole("button", { name: "Stay here" }).click();
	expect(new URL(page.url()).pathname).toBe("/console/settings/account");
	await page.getByRole("button", { name: "Save" }).click();
	await saved(page);
	await page.reload();
	await page.getByRole("button", { name: "Remove German" }).waitFor();
	expect(await name.inputValue()).toBe("Tess O’Hara");
	expect(await page.getByLabel("Signature").inputValue()).toBe("Tess\nReturns and repairs");
});

test("a second factor is set up, asked for at the sign-in, and removed", async ({ world }) => {
	const server = await world.server();
	const login = await server.addAgent("Tess");
	const tess = await world.agent(server, { ...PHONE, colorScheme: "dark", login, expected: REFUSED });
	const { page } = tess;
	await section(tess, "My account");
	const setUp = page.getByRole("button", { name: "Set up second factor" });
	await setUp.click();
	const first = dialog(page, "Set up a second factor");
	await first.getByLabel("Your password").fill("a wrong one");
	await page.keyboard.press("Enter");
	await first.getByText("This is not the password in force.").waitFor();
	await clear(page, "second factor, wrong password");
	await first.getByLabel("Your password").fill(login.password);
	await page.keyboard.press("Enter");
	const scan = dialog(page, "Scan this code with your app");
	await scan.getByRole("img", { name: /^QR code/ }).waitFor();
	await clear(page, "second factor, to be scanned");
	const secret = (await scan.locator(".secret").textContent()) ?? "";
	const code = scan.getByLabel("Code that the app shows now");
	await expect.poll(() => code.evaluate((field) => field === document.activeElement)).toBe(true);
	await code.fill("000000");
	await page.keyboard.press("Enter");
	await scan.getByText("The code is not the one of now").waitFor();
	await code.fill(totpCode(secret));
	await page.keyboard.press("Enter");
	await scan.waitFor({ state: "detached" });

	// The codes are shown once: to leave them takes a word.
	const codes = (await page.getByRole("textbox", { name: "Recovery codes" }).inputValue()).split("\n");
	expect(codes).toHaveLength(10);
	await clear(page, "recovery codes");
	const download = page.waitForEvent("download");
	await page.getByRole("link", { name: "Download" }).click();
	expect((await download).suggestedFilename()).toBe("hubbub-recovery-codes.txt");
	await page.goBack();
	await dialog(page, "Leave the recovery codes?").getByRole("button", { name: "Stay here" }).click();
	await page.getByRole("button", { name: "I have kept them" }).click();
	await toast(page, "The second factor is on").waitFor();
	await page.getByText("On: signing in asks for a code").waitFor();

	// Another browser is asked for a code; there, this one is seen, and signed out.
	const { context } = await world.window({ expected: [...SIGNED_OUT, ...REFUSED] });
	const other = await context.newPage();
	await other.goto(`${server.url}/console/settings/account`);
	await other.getByLabel("E-mail").fill(login.email);
	await other.getByRole("textbox", { name: "Password", exact: true }).fill(login.password);
	await other.keyboard.press("Enter");
	await other.getByText("Write the code that your authenticator app shows").waitFor();
	await other.getByLabel("Code").fill(codes[0] ?? "");
	await other.keyboard.press("Enter");
	await other.getByRole("heading", { level: 1, name: "My account" }).waitFor();
	const logins = other.getByRole("region", { name: "Where you are signed in" });
	await logins.getByText("This one").waitFor();
	expect(await logins.getByRole("listitem").count()).toBe(2);
	await clear(other, "logins");
	await logins.getByRole("button", { name: "Sign out everywhere else" }).click();
	const asked = dialog(other, "Sign out everywhere else?");
	await asked.getByRole("button", { name: "Sign out everywhere else" }).click();
	await toast(other, "You are signed out everywhere else").waitFor();
	await expect.poll(() => logins.getByRole("listitem").count()).toBe(1);
	await page.getByText("You have been signed out.").waitFor();

	await other.getByRole("button", { name: "Remove second factor" }).click();
	const remove = dialog(other, "Remove the second factor?");
	await remove.getByLabel("Your password").fill(login.password);
	await remove.getByRole("button", { name: "Remove" }).click();
	await toast(other, "The second factor is off").waitFor();
	await other.getByRole("button", { name: "Set up second factor" }).waitFor();
	await other.getByRole("button", { name: "Change password" }).click();
	const change = dialog(other, "Change your password");
	await change.getByLabel("Password you have").fill(login.password);
	await change.getByLabel("New password").fill("short");
	await other.keyboard.press("Enter");
	await other.locator("#password-new-error").waitFor();
	await clear(other, "change password");
	await change.getByLabel("New password").fill("terns and tides at dusk");
	await other.keyboard.press("Enter");
	await toast(other, "Password changed").waitFor();
});

test("an admin invites a colleague, who signs in and is put in a team", async ({ world }) => {
	const server = await world.server();
	const admin = await world.agent(server, { ...DESKTOP, expected: REFUSED });
	const { page } = admin;
	await section(admin, "Skills");
	await page.getByText("There is no skill yet.").waitFor();
	await clear(page, "no skill");
	await page.getByRole("button", { name: "New skill" }).click();
	await dialog(page, "New skill").getByLabel("Name").fill("Repairs");
	await page.keyboard.press("Enter");
	await page.getByText("Nobody has it").waitFor();
	await section(admin, "Teams");
	await page.getByText("There is no team yet.").waitFor();
	await page.getByRole("button", { name: "New team" }).click();
	const make = dialog(page, "New team");
	await page.keyboard.press("Enter");
	await make.getByText("The name must not be empty.").waitFor();
	await clear(page, "team without a name");
	await make.getByLabel("Name").fill("Returns");
	await page.keyboard.press("Enter");
	await page.getByRole("heading", { level: 1, name: "Returns" }).waitFor();

	await section(admin, "People");
	await page.getByText("Only you so far.").waitFor();
	await page.getByRole("button", { name: "Invite" }).click();
	const invite = dialog(page, "Invite a colleague");
	await invite.getByLabel("E-mail").fill("admin@localhost");
	await invite.getByLabel("Name").fill("Nia");
	await page.keyboard.press("Enter");
	await invite.getByText("The address is in use already.").waitFor();
	await clear(page, "invitation refused");
	await invite.getByLabel("E-mail").fill("nia@team.example");
	await invite.getByRole("radio", { name: "Supervisor" }).check();
	await invite.getByRole("button", { name: "Make invitation" }).click();
	await page.getByRole("heading", { name: "The invitation is ready" }).waitFor();
	await page.getByText("Invited: no password was chosen yet.").waitFor();
	const url = await page.getByRole("textbox", { name: "Invitation" }).inputValue();
	await clear(page, "invitation");

	await page.getByLabel("Chats at a time").fill("many");
	await page.getByRole("checkbox", { name: "Returns" }).check();
	await page.getByRole("button", { name: "Add skill" }).click();
	await page.getByLabel("Repairs: how well").selectOption("5");
	await page.getByText("3 changes, not saved yet").waitFor();
	await page.getByRole("button", { name: "Save" }).click();
	await page.getByText("This must be a number from 0 to 100.").waitFor();
	await page.getByLabel("Chats at a time").fill("7");
	await page.getByRole("button", { name: "Save" }).click();
	await saved(page);
	await clear(page, "person");

	// The colleague comes by the link, and reads of herself what was set.
	const { context } = await world.window({ ...PHONE, expected: [...SIGNED_OUT, ...REFUSED] });
	const hers = await context.newPage();
	await hers.goto(url);
	await hers.getByRole("textbox", { name: "Password", exact: true }).fill("terns and tides at dusk");
	await hers.keyboard.press("Enter");
	await hers.getByRole("heading", { name: "Mine" }).waitFor();
	await hers.goto(`${server.url}/console/settings/people`);
	await hers.getByRole("link", { name: /Nia/ }).click();
	await hers.getByText("This is you.").waitFor();
	await hers.locator(".facts").getByText("Returns").waitFor();
	await hers.locator(".facts").getByText("7", { exact: true }).waitFor();
	expect(await hers.getByLabel("Repairs: how well").inputValue()).toBe("5");
	await clear(hers, "a person, as supervisors read it");
	await hers.getByLabel("Repairs: how well").selectOption("4");
	await hers.getByRole("button", { name: "Save" }).click();
	await saved(hers);

	// Both are in the list and in the team; then she is shut out, and let in again.
	await section(admin, "People");
	await page.getByRole("link", { name: /Nia.*Supervisor.*Returns.*Password only.*Active/ }).waitFor();
	await clear(page, "people");
	await page.getByRole("searchbox", { name: "Find a person" }).fill("nobody like that");
	await page.getByText("Nobody found for").waitFor();
	await page.getByRole("searchbox", { name: "Find a person" }).fill("nia@");
	await page.getByRole("link", { name: /Nia/ }).click();
	await page.getByRole("button", { name: "Make a link for a new password" }).click();
	await page.getByRole("heading", { name: "The link for a new password is ready" }).waitFor();
	await page.getByRole("button", { name: "Disable" }).click();
	await dialog(page, "Disable Nia?").getByRole("button", { name: "Disable" }).click();
	await toast(page, "Nia is disabled").waitFor();
	await hers.getByText("You have been signed out.").waitFor();
	await page.getByRole("button", { name: "Enable" }).click();
	await toast(page, "Nia can sign in again").waitFor();

	await section(admin, "Teams");
	await page.getByRole("link", { name: /Returns.*1 member/ }).click();
	await page.getByRole("checkbox", { name: "Admin" }).check();
	await page.getByLabel("Name").fill("Returns and repairs");
	await clear(page, "team");
	await page.getByRole("button", { name: "Save" }).click();
	await saved(page);
	await page.getByRole("link", { name: "Teams" }).first().click();
	await page.getByRole("link", { name: /Returns and repairs.*2 members/ }).click();
	await page.getByRole("button", { name: "Delete team" }).click();
	const remove = dialog(page, "Delete the team Returns and repairs?");
	await clear(page, "delete a team");
	await remove.getByRole("button", { name: "Delete team" }).click();
	await page.getByText("There is no team yet.").waitFor();
	expect(new URL(page.url()).pathname).toBe("/console/settings/teams");

	await section(admin, "Skills");
	await page.getByText("1 agent", { exact: true }).waitFor();
	await page.getByRole("button", { name: "Rename Repairs" }).click();
	await dialog(page, "Rename Repairs").getByLabel("Name").fill("Mending");
	await page.keyboard.press("Enter");
	await clear(page, "skills");
	await page.getByRole("button", { name: "Delete Mending" }).click();
	await dialog(page, "Delete the skill Mending?").getByRole("button", { name: "Delete skill" }).click();
	await page.getByText("There is no skill yet.").waitFor();
	// What had the focus is gone: the page's title has it.
	await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe("Skills");
});

test("a site is made and given opening hours, which its visitors see", async ({ world }) => {
	const server = await world.server();
	const admin = await world.agent(server, { ...DESKTOP, timezoneId: "Etc/UTC", expected: REFUSED });
	const { page } = admin;
	await section(admin, "Sites");
	await clear(page, "sites");
	await page.getByRole("button", { name: "New site" }).click();
	const make = dialog(page, "New site");
	await make.getByLabel("Name").fill("Demo");
	await page.keyboard.press("Enter");
	await make.getByText("The key is in use already.").waitFor();
	await clear(page, "new site refused");
	await make.getByLabel("Name").fill("Nordlicht Outlet");
	await make.getByLabel("Key").fill("nordlicht");
	await page.keyboard.press("Enter");
	await page.getByRole("heading", { level: 1, name: "Nordlicht Outlet" }).waitFor();

	await page.getByLabel("Colour", { exact: true }).fill("#e0752d");
	await page.getByText("A little darker in use (#be5900)").waitFor();
	await page.getByLabel("Greeting").fill("Hi. How can we help?");
	const asked = page.getByRole("group", { name: "Asked before the chat" });
	await asked.getByRole("radiogroup", { name: "E-mail" }).getByRole("radio", { name: "Optional" }).check();
	await page.getByText("3 changes, not saved yet").waitFor();
	await clear(page, "look of a site");
	await page.getByRole("button", { name: "Save" }).click();
	await saved(page);

	const site = page.getByRole("navigation", { name: "This site" });
	await site.getByRole("link", { name: "On your pages" }).click();
	const code = await page.getByRole("textbox", { name: "Code for your pages" }).inputValue();
	expect(code).toBe(`<script async src="${server.url}/widget.js" data-site="nordlicht"></script>`);
	await page.getByRole("textbox", { name: "Origins" }).fill("shop.example");
	await page.getByRole("button", { name: "Save" }).click();
	await page.getByText("The list must be origins like https://shop.example, or localhost.").waitFor();
	await clear(page, "origins refused");
	await page.getByRole("textbox", { name: "Origins" }).fill("https://shop.example/\nlocalhost\n");
	await page.getByRole("button", { name: "Save" }).click();
	await saved(page);
	await page.getByRole("button", { name: "Show the secret" }).click();
	await page.getByRole("textbox", { name: "Identity secret" }).waitFor();

	// Open on one day of the week only, up to midnight.
	await site.getByRole("link", { name: "Opening hours" }).click();
	await page.getByText("Open now.").waitFor();
	await page.getByRole("radio", { name: "By the week" }).check();
	await page.getByLabel("Time zone").fill("Mars/Olympus");
	const day = (name: string) => page.getByRole("group", { name, exact: true });
	const opens = new Date(Date.now() + 2 * 86_400_000);
	const weekday = opens.toLocaleDateString("en-GB", { timeZone: "UTC", weekday: "long" });
	for (const name of ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]) {
		if (name !== weekday)
			await day(name)
				.getByRole("button", { name: `Remove these hours, ${name}` })
				.click();
	}
	if (weekday.startsWith("S")) await day(weekday).getByRole("button", { name: "Add hours" }).click();
	await day(weekday).getByLabel("Open from").fill("10:00");
	await day(weekday).getByLabel("Open until").fill("08:00");
	await page.getByRole("button", { name: "Save" }).click();
	await day(weekday).getByText("The end must be after 10:00.").waitFor();
	await clear(page, "hours refused");
	await day(weekday).getByLabel("Open until").fill("00:00");
	await page.getByRole("button", { name: "Add holiday" }).click();
	await page.getByRole("button", { name: "Save" }).click();
	await page.getByText("The day is missing.").waitFor();
	const far = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
	await page.getByLabel("Day", { exact: true }).fill(far);
	await page.getByLabel("Name of the day").fill("Stocktaking");
	await page.getByRole("button", { name: "Save" }).click();
	await page.getByText("This is not the name of a time zone").waitFor();
	await page.getByLabel("Time zone").fill("Etc/UTC");
	await page.getByRole("button", { name: "Save" }).click();
	await toast(page, "The opening hours are saved").waitFor();
	await page.getByText(`Closed now. Opens ${weekday}, 10:00, by your clock.`).waitFor();
	await clear(page, "hours");

	const shop = await world.shop(server.url, "nordlicht");
	const customer = await world.customer(shop.url("localhost"), { ...PHONE, timezoneId: "Etc/UTC" });
	await customer.open();
	await customer.panel.getByText(`Back on ${weekday} at 10:00`, { exact: true }).waitFor();
	await customer.panel.getByText("Nordlicht Outlet").first().waitFor();
	await customer.panel.getByLabel("E-mail").waitFor();

	// Always open again, from a phone.
	const phone = await world.agent(server, {
		...PHONE,
		colorScheme: "dark",
		path: new URL(page.url()).pathname,
	});
	await phone.page.getByText("Stocktaking").or(phone.page.getByLabel("Name of the day")).first().waitFor();
	await clear(phone.page, "hours on a phone");
	await phone.page.getByRole("button", { name: "Remove Stocktaking" }).click();
	await phone.page.getByRole("radio", { name: "Always open" }).check();
	await phone.page.getByRole("button", { name: "Save" }).click();
	await phone.page.getByText("Open now.").waitFor();
	await customer.close();
	await customer.open();
	await customer.panel.getByText("We are here now").waitFor();
});

test("the settings can be walked through by keys, and by nobody further than they may", async ({ world }) => {
	const server = await world.server();
	const tess = await world.agent(server, {
		...DESKTOP,
		login: await server.addAgent("Tess", "supervisor"),
		path: "/console/settings/people",
	});
	const { page } = tess;
	const focused = () => page.evaluate(() => document.activeElement?.textContent);
	const pane = () =>
		page.evaluate(() => {
			const here = document.activeElement?.closest<HTMLElement>("[data-pane], [data-pane-area]");
			return here?.dataset.pane ?? here?.dataset.paneArea;
		});
	await page.getByRole("link", { name: /Admin/ }).waitFor();
	expect(await page.getByRole("button", { name: "Invite" }).count()).toBe(0);
	await page.keyboard.press("F6");
	expect(await pane()).toBe("rail");
	await page.keyboard.press("F6");
	expect(await focused()).toBe("People");
	expect(await pane()).toBe("list");
	await page.keyboard.press("Tab");
	await page.keyboard.press("Enter");
	await page.getByRole("heading", { level: 1, name: "Teams" }).waitFor();
	await expect.poll(focused).toBe("Teams");
	expect(await pane()).toBe("thread");
	// Letters that do something to a chat do nothing here.
	await page.keyboard.press("t");
	await page.keyboard.press("s");
	expect(await page.locator("dialog[open], .toast").count()).toBe(0);
	await page.keyboard.press("?");
	await dialog(page, "Keys").waitFor();
	await page.keyboard.press("Escape");

	// What is for admins is not here for anybody else, by whatever way they come.
	await page.goto(`${server.url}/console/settings/sites`);
	await page.getByRole("heading", { name: "This page is not here, or not open to you." }).waitFor();
	await clear(page, "not for supervisors");
	await page.goto(`${server.url}/console/settings/people/0197f000-0000-7000-8000-000000000000`);
	await page.getByRole("heading", { name: "This page is not here, or not open to you." }).waitFor();
	await page.getByRole("link", { name: "People" }).first().click();
	await page.getByRole("link", { name: /Admin/ }).click();
	await page.locator(".facts").getByText("Admin").waitFor();
	await clear(page, "a person, for supervisors");
});

for (const [look, options] of [
	["at 320 px", { viewport: { width: 320, height: 640 } }],
	["in high contrast", { contrast: "more", viewport: { width: 1024, height: 768 } }],
	["with forced colours", { forcedColors: "active" }],
] as const) {
	test(`no section of the settings keeps anybody out ${look}`, async ({ world }) => {
		const server = await world.server();
		const { page } = await world.agent(server, options);
		const sites = await page.request.get(`${server.url}/api/v1/sites`);
		const [site] = (await sites.json()).items;
		const week = { mon: [{ from: "09:00", to: "12:30" }], tue: [{ from: "13:30", to: "24:00" }] };
		const holidays = [{ date: "2026-12-24", name: "Christmas Eve", spans: [{ from: "09:00", to: "12:00" }] }];
		const hours = { time_zone: "Etc/UTC", week, holidays };
		const set = await page.request.patch(`${server.url}/api/v1/sites/${site.id}`, { data: { hours } });
		expect(set.status()).toBe(200);
		for (const [path, title] of [
			["account", "My account"],
			["macros/new", "New macro"],
			["rules", "Rules"],
			["rules/new", "New rule"],
			["people", "People"],
			["teams", "Teams"],
			["skills", "Skills"],
			["sites", "Sites"],
			[`sites/${site.id}`, site.name],
			[`sites/${site.id}/hours`, site.name],
			[`sites/${site.id}/embed`, site.name],
		]) {
			await page.goto(`${server.url}/console/settings/${path}`);
			await page.getByRole("heading", { level: 1, name: title }).waitFor();
			if (path === "account") await page.getByText("This one").waitFor();
			if (path.endsWith("hours")) await page.getByText(/^(Open|Closed) now/).waitFor();
			expect(await barriers(page), path).toEqual([]);
			const [shown, room] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
			expect(shown, `${path}: sideways`).toBeLessThanOrEqual(room ?? 0);
			const pane = page.locator(".settings-pane");
			const beyond = await pane.evaluate((element) => element.scrollWidth - element.clientWidth);
			expect(beyond, `${path}: sideways within`).toBe(0);
		}
	});
}

test("an admin lets in who has lost the second factor, and stays the admin where there is no other", async ({
	world,
}) => {
	const server = await world.server();
	const login = await server.addAgent("Tess");
	const tess = await world.agent(server, { login });
	const post = async (path: string, data: object) => {
		const answer = await tess.page.request.post(`${server.url}/api/v1/auth/${path}`, { data });
		expect(answer.ok()).toBe(true);
		return await answer.json();
	};
	const { secret } = await post("totp", { password: login.password });
	await post("totp/confirm", { code: totpCode(secret) });

	const admin = await world.agent(server, { ...PHONE, expected: REFUSED });
	const { page } = admin;
	await section(admin, "People");
	await page.getByRole("link", { name: /Tess.*Second factor/ }).click();
	await page.getByRole("button", { name: "Remove second factor" }).click();
	const remove = dialog(page, "Remove the second factor of Tess?");
	await remove.waitFor();
	await clear(page, "remove a second factor");
	await remove.getByRole("button", { name: "Remove second factor" }).click();
	await toast(page, "The second factor is removed").waitFor();
	await page.getByRole("button", { name: "Remove second factor" }).waitFor({ state: "detached" });
	// Her password alone opens the door again.
	await world.agent(server, { login });

	await page.getByRole("link", { name: "People" }).first().click();
	await page.getByRole("link", { name: /Admin/ }).click();
	await page.getByText("This is you.").waitFor();
	await page.getByRole("radio", { name: "Agent" }).check();
	await page.getByText("You are signed out by the change.").waitFor();
	await page.getByRole("button", { name: "Save" }).click();
	await page.getByText("make another agent an admin first").waitFor();
	await clear(page, "the last admin");
	await page.getByRole("button", { name: "Discard" }).click();
	expect(await page.getByRole("radio", { name: "Admin" }).isChecked()).toBe(true);
});

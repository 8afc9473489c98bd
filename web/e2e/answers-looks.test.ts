/** The pages of what answers are made of, with much on them: by day and night, wide and narrow. */
import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import type { Agent } from "./agent.js";
import { barriers } from "./axe.js";
import { DESKTOP, PHONE } from "./browser.js";
import { test } from "./world.js";

/** Where pictures are kept, if somebody wants to look at them. */
const SHOTS = process.env.HUBBUB_SHOTS;

/** Of one pixel. */
const PNG = Buffer.from(
	"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
	"base64",
);

const LONG = "A name that is as long as it may be, so it must break, too";

/** All that is there: of each some, with much in it. */
async function furnish(page: Page, server: string, sessions: readonly string[]): Promise<string> {
	const api = async <T = { id: string }>(method: string, path: string, data?: unknown): Promise<T> => {
		const headers = { Origin: server };
		const answer = await page.request.fetch(`${server}/api/v1${path}`, { method, headers, data });
		expect(answer.ok(), `${method} ${path}: ${await answer.text()}`).toBe(true);
		return (answer.status() === 204 ? {} : await answer.json()) as T;
	};
	const attribute = (key: string, label: string, kind: string, choices: string[] = []) =>
		api("POST", "/attributes", { of: "contact", key, label, kind, choices, about: "From the shop" });
	await attribute("plan", "Plan", "list", ["Gold", "Tin"]);
	await attribute("since", "Customer since", "date");
	await attribute("page", "Page in the shop", "url");
	const canned = (shortcut: string, body: string, over: object) =>
		api("POST", "/canned", { shortcut, body, ...over });
	await canned("hello", "Hello {{contact.first_name | there}}, {{agent.name}} here. How can I help?", {
		title: "Greeting",
		category: "Common",
		scope: "all",
	});
	await canned("late", "Your {{? item}} leaves us {{? day}}. I am sorry! {{? item}} is worth waiting for.", {
		title: LONG,
		category: "Delivery",
	});
	const text = "{{contact.first_name}}, {{? sum}} for order {{? order number}} is on its way to your bank.";
	await api("POST", "/macros", {
		name: "Refund and close",
		shared: true,
		actions: [
			{ type: "message", body: text },
			{ type: "tags", add: ["refunded", "money"] },
			{ type: "note", body: "{{? sum}} back, by {{agent.name}}" },
			{ type: "assign_me" },
			{ type: "priority", priority: "normal" },
			{ type: "status", status: "resolved" },
		],
	});
	await api("POST", "/macros", { name: LONG, actions: [{ type: "snooze", minutes: 4320 }] });
	await api("POST", "/rules", {
		name: "Broken things",
		on: ["started", "customer_message"],
		all: [
			{ field: "message", test: "contains", values: ["broken", "kaputt", "cassé"] },
			{ field: "site", test: "is", values: ["demo"] },
			{ field: "tag", test: "is_not", values: ["spam"] },
		],
		any: [{ field: "hours", test: "is", values: ["open"] }],
		actions: [
			{ type: "tags", add: ["damage"] },
			{ type: "note", body: "Ask for a picture, please." },
		],
	});
	await api("POST", "/rules", {
		name: LONG,
		enabled: false,
		on: ["rated"],
		all: [{ field: "rating", test: "at_most", values: ["2"] }],
		actions: [{ type: "priority", priority: "urgent" }],
	});
	const contacts = await Promise.all(
		sessions.map(async (id) => (await api<{ contact: { id: string } }>("GET", `/sessions/${id}`)).contact.id),
	);
	const [first = "", second = "", third = ""] = contacts;
	await api("POST", `/contacts/${third}/block`, { reason: "Swears at everybody who answers" });
	await api("POST", `/contacts/${second}/merge`, { into: first });
	await api("PATCH", `/contacts/${first}`, {
		email: "rosa.maria.de.la.cruz.y.fernandez@a-shop-with-a-long-name.example",
		account_status: "Overdue since March",
		attributes: {
			plan: "Gold",
			since: "2019-03-01",
			page: `https://shop.example/customers/${"1".repeat(60)}`,
		},
	});
	return first;
}

for (const [where, size] of [
	["desktop", DESKTOP],
	["phone", PHONE],
] as const) {
	for (const colorScheme of ["light", "dark"] as const) {
		test(`what answers are made of, ${where}, ${colorScheme}`, { timeout: 120_000 }, async ({ world }) => {
			const server = await world.server();
			const agent: Agent = await world.agent(server, { ...size, colorScheme, expected: [/403/] });
			const { page } = agent;
			const shot = async (what: string) => {
				expect.soft(await barriers(page), what).toEqual([]);
				const wide = await page.evaluate(() => document.documentElement.scrollWidth);
				expect.soft(wide, `${what}: sideways`).toBeLessThanOrEqual(page.viewportSize()?.width ?? 0);
				const path = `${what}-${where}-${colorScheme}.png`;
				if (SHOTS) await page.screenshot({ path: join(SHOTS, path), animations: "disabled" });
			};
			const sessions: string[] = [];
			for (const [name, phone, message] of [
				["Rosa María de la Cruz", "+44 7700 900601", "My raincoat came broken, and nobody answers the phone"],
				["Rosa Cruz", "+44 7700 900602", "Where is my parcel?"],
				["Mallory", "+44 7700 900603", "You are all useless"],
			] as const) {
				const started = await page.request.post(`${server.url}/api/v1/sites/demo/sessions`, {
					data: { name, phone, message },
				});
				sessions.push(((await started.json()) as { session: { id: string } }).session.id);
			}
			const contact = await furnish(page, server.url, sessions);
			const open = async (path: string, heading: string | RegExp) => {
				await page.goto(`${server.url}/console${path}`);
				await page.getByRole("heading", { level: 1, name: heading }).waitFor();
			};

			await open("/contacts", "Contacts");
			const firstRow = page.locator(".rows strong").first();
			await expect.poll(() => firstRow.textContent()).toBe("Rosa María de la Cruz");
			await shot("contacts");
			await page.getByRole("combobox", { name: "Order" }).selectOption("By name");
			await expect.poll(() => firstRow.textContent()).toBe("Mallory");
			await page.getByRole("searchbox", { name: "Find a contact" }).fill("nobody like it");
			await page.getByText("Nobody found.").waitFor();
			await shot("contacts-none");
			await page.getByRole("searchbox", { name: "Find a contact" }).fill("rosa");
			await page.getByRole("link", { name: /Rosa/ }).click();
			await page.getByRole("heading", { name: "What is known" }).waitFor();
			expect(page.url()).toContain(contact);
			await shot("contact");
			await page.getByText("What was done").scrollIntoViewIfNeeded();
			await shot("contact-below");
			await open("/settings/attributes", "Attributes");
			await page.getByText("Customer since").first().waitFor();
			await shot("attributes");
			await open("/settings/canned", "Canned answers");
			await page.getByRole("link", { name: /Greeting/ }).waitFor();
			await shot("canned");
			await page.getByRole("link", { name: /Greeting/ }).click();
			await page.getByRole("button", { name: "Delete answer" }).waitFor();
			await shot("canned-answer");
			await open("/settings/rules", "Rules");
			await page.getByText("Broken things").waitFor();
			await shot("rules");
			await page.getByRole("link", { name: /Broken things/ }).click();
			await page.getByLabel("Number of the chat").fill("1");
			await shot("rule");
			await page.getByRole("button", { name: "Try it" }).click();
			await page
				.getByText("It would act")
				.or(page.getByText("It fits"))
				.or(page.getByText("nothing"))
				.first()
				.waitFor();
			await page.getByRole("button", { name: "Delete rule" }).scrollIntoViewIfNeeded();
			await shot("rule-tried");
			await open("/settings/macros", "Macros");
			await page.getByText("Refund and close").waitFor();
			await shot("macros");
			await page.getByRole("link", { name: /Refund and close/ }).click();
			await page.getByRole("button", { name: "Delete macro" }).waitFor();
			await shot("macro");

			await page.goto(`${server.url}/console?view=all`);
			await agent.row("nobody answers the phone").click();
			await agent.bubble("My raincoat came broken, and nobody answers the phone").waitFor();
			await page.locator("input[type=file]").setInputFiles([
				{ name: "photo.png", mimeType: "image/png", buffer: PNG },
				{ name: `${LONG}.csv`, mimeType: "text/csv", buffer: Buffer.from("order,sum\n1042,5\n") },
			]);
			await page.getByRole("button", { name: "Remove photo.png" }).waitFor();
			await page.getByRole("button", { name: `Remove ${LONG}.csv` }).waitFor();
			await shot("files-to-send");
			await agent.send("Here is the form, and a picture");
			await agent.log.getByRole("link", { name: /Open photo.png/ }).waitFor();
			await shot("files-sent");
			if (where === "desktop") {
				await page.getByRole("region", { name: "About the customer" }).getByText("Gold").waitFor();
				await shot("chat");
			}
			await page.getByRole("button", { name: "More actions" }).click();
			await page.getByRole("menuitem", { name: "Run a macro" }).click();
			const run = page.getByRole("dialog", { name: "Run a macro" });
			await run.getByRole("option", { name: /Refund/ }).click();
			await run.getByRole("textbox", { name: "Sum" }).fill("£5");
			await run.getByText("£5 back, by").waitFor();
			await shot("macro-run");
			await run.getByRole("button", { name: "Run it" }).click();
			await run.getByText("Fill this in first.").waitFor();
			await shot("macro-run-blank");
			await run.getByRole("button", { name: "Cancel" }).click();
			await agent.field.fill("/");
			await page.getByRole("listbox", { name: "Canned answers" }).waitFor();
			await shot("canned-choose");

			await page.goto(`${server.url}/console?view=all`);
			const search = page.getByRole("textbox", { name: "Search all chats" });
			await search.fill("07700 900601");
			await page.getByRole("listbox", { name: "Found" }).getByRole("option").first().waitFor();
			await shot("found");
			await search.fill("nothing like it anywhere");
			await page
				.getByRole("listbox", { name: "Found" })
				.getByRole("option")
				.first()
				.waitFor({ state: "detached" });
			await shot("found-none");
		});
	}
}

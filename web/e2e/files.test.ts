import { join } from "node:path";
import type { Locator } from "playwright-core";
import { expect } from "vitest";
import { barriers } from "./axe.js";
import { PHONE, WIDE } from "./browser.js";
import { test } from "./world.js";

/** Where to leave pictures of what was looked at. */
const SHOTS = process.env.HUBBUB_FILES_SHOTS;

/** What is not taken; the page says why. */
const REFUSED = [/422 \(Unprocessable/];

/** Of one pixel. */
const PNG = Buffer.from(
	"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
	"base64",
);
const picture = { name: "photo.png", mimeType: "image/png", buffer: PNG };
const list = { name: "prices.csv", mimeType: "text/csv", buffer: Buffer.from("a;b\n1;2\n") };
const page = { name: "page.html", mimeType: "text/html", buffer: Buffer.from("<script>alert(1)</script>") };

test("files go both ways, and what is not taken says why", async ({ world }) => {
	const server = await world.server();
	const customer = await world.customer(`${server.url}/demo`, { expected: REFUSED });
	await customer.start({ message: "It leaks" });
	const agent = await world.agent(server, WIDE);
	await agent.openChat("Phương Anh", "unassigned");

	await customer.page.locator("input[type=file]").setInputFiles([picture, page]);
	await customer.page.getByText("page.html is HTML").first().waitFor();
	expect(await barriers(customer.page), "uploads").toEqual([]);
	await customer.page.getByRole("button", { name: "Remove page.html" }).click();
	await customer.page.getByRole("button", { name: "Remove photo.png" }).waitFor();
	await customer.field.press("Enter");
	await agent.log.getByRole("link", { name: /Open photo.png/ }).waitFor();
	await customer.log.getByRole("link", { name: /Open photo.png/ }).waitFor();

	await agent.page.locator("input[type=file]").setInputFiles(list);
	await agent.page.getByRole("button", { name: "Remove prices.csv" }).waitFor();
	expect(await barriers(agent.page), "uploads in the console").toEqual([]);
	await agent.send("Here is the list");
	await customer.bubble("Here is the list").waitFor();
	const link = customer.log.getByRole("link", { name: /Open prices.csv/ });
	const answer = await fetch(new URL((await link.getAttribute("href")) ?? "", server.url));
	expect(await answer.text()).toBe("a;b\n1;2\n");
	expect(answer.headers.get("content-disposition")).toContain("attachment");
});

/** What a person's hand does with a file: it is dropped on an element, or pasted into it. */
async function gives(
	element: Locator,
	how: "drop" | "paste",
	name: string,
	type: string,
	bytes: Buffer,
): Promise<void> {
	await element.evaluate(
		(target, { how, name, type, bytes }) => {
			const data = new DataTransfer();
			data.items.add(new File([new Uint8Array(bytes)], name, { type }));
			const common = { bubbles: true, cancelable: true, composed: true };
			if (how === "paste") {
				target.dispatchEvent(new ClipboardEvent("paste", { ...common, clipboardData: data }));
				return;
			}
			for (const step of ["dragenter", "dragover", "drop"]) {
				target.dispatchEvent(new DragEvent(step, { ...common, dataTransfer: data }));
			}
		},
		{ how, name, type, bytes: [...bytes] },
	);
}

test("files are dropped and pasted on both sides", async ({ world }) => {
	const server = await world.server();
	const customer = await world.customer(`${server.url}/demo`, { ...PHONE, colorScheme: "dark" });
	await customer.start({ message: "Here it comes" });
	const agent = await world.agent(server, WIDE);
	await agent.openChat("Phương Anh", "unassigned");

	await gives(customer.field, "paste", "image.png", "image/png", PNG);
	await customer.page.getByRole("button", { name: "Remove image.png" }).waitFor();
	// Anywhere on the chat.
	await gives(customer.log, "drop", "list.csv", "text/csv", list.buffer);
	await customer.page.getByRole("button", { name: "Remove list.csv" }).waitFor();
	expect(await barriers(customer.page), "two files on a phone").toEqual([]);
	await customer.field.fill("Both of them");
	await customer.field.press("Enter");
	await agent.log.getByRole("link", { name: /Open image.png/ }).waitFor();
	await agent.log.getByRole("link", { name: /Open list.csv/ }).waitFor();

	await gives(agent.head, "drop", "answer.csv", "text/csv", list.buffer);
	await agent.page.getByRole("button", { name: "Remove answer.csv" }).waitFor();
	await gives(agent.field, "paste", "screen.png", "image/png", PNG);
	await agent.page.getByRole("button", { name: "Remove screen.png" }).waitFor();
	await agent.send("And back");
	await customer.log.getByRole("link", { name: /Open answer.csv/ }).waitFor();
	await customer.log.getByRole("link", { name: /Open screen.png/ }).waitFor();
});

test("an upload shows how far it is, can be stopped, and tried again", async ({ world }) => {
	const server = await world.server();
	const customer = await world.customer(`${server.url}/demo`, { expected: [/net::ERR_FAILED/] });
	await customer.start({ message: "Wait for it" });
	const { page } = customer;
	const line = await page.context().newCDPSession(page);
	const slowly = (uploadThroughput: number): Promise<unknown> =>
		line.send("Network.emulateNetworkConditions", {
			offline: false,
			latency: 0,
			downloadThroughput: -1,
			uploadThroughput,
		});
	const large = { name: "large.csv", mimeType: "text/csv", buffer: Buffer.alloc(4_000_000, "a;b\n") };

	await slowly(100_000);
	await page.locator("input[type=file]").setInputFiles(large);
	const progress = page.getByRole("progressbar", { name: "Uploading large.csv" });
	await progress.waitFor();
	await expect
		.poll(() => progress.evaluate((bar) => (bar as HTMLProgressElement).value), { timeout: 20_000 })
		.toBeGreaterThan(0);
	expect(await barriers(page), "an upload on its way").toEqual([]);
	await page.getByRole("button", { name: "Stop uploading large.csv" }).click();
	await progress.waitFor({ state: "detached" });
	await slowly(-1);

	await page.route("**/attachments", (route) => route.abort());
	await page.locator("input[type=file]").setInputFiles(list);
	await page.getByText("prices.csv did not get through.").first().waitFor();
	await page.unroute("**/attachments");
	await page.getByRole("button", { name: "Try again" }).first().click();
	await page.getByRole("button", { name: "Remove prices.csv" }).waitFor();
	await customer.field.press("Enter");
	await customer.log.getByRole("link", { name: /Open prices.csv/ }).waitFor();
	expect(await customer.log.getByRole("link", { name: /Open large.csv/ }).count()).toBe(0);
});

test("what means harm is inert when it is opened", async ({ world }) => {
	const server = await world.server();
	const customer = await world.customer(`${server.url}/demo`);
	await customer.start({ message: "Have a look" });
	// Which is what shall happen.
	const agent = await world.agent(server, { ...WIDE, expected: [/Refused to execute script/] });
	await agent.openChat("Phương Anh", "unassigned");
	// A picture with a page behind it, a document that runs a script when it is opened, and a script that says it is text.
	const harm = [
		{
			name: "photo.png",
			mimeType: "image/png",
			buffer: Buffer.concat([PNG, Buffer.from("<html><script>alert(1)</script>")]),
		},
		{
			name: "paper.pdf",
			mimeType: "application/pdf",
			buffer: Buffer.from(
				"%PDF-1.4\n1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n",
			),
		},
		{
			name: "words.txt",
			mimeType: "text/plain",
			buffer: Buffer.from("alert(1) // <script>alert(1)</script>"),
		},
	];
	await customer.page.locator("input[type=file]").setInputFiles(harm);
	for (const { name } of harm) {
		await customer.page.getByRole("button", { name: `Remove ${name}` }).waitFor();
	}
	await customer.field.press("Enter");
	let ran = 0;
	for (const { name } of harm) {
		const link = agent.log.getByRole("link", { name: new RegExp(`Open ${name}`) });
		const address = new URL((await link.getAttribute("href")) ?? "", server.url).href;
		const opened = await agent.page.context().newPage();
		opened.on("dialog", (dialog) => {
			ran += 1;
			void dialog.dismiss();
		});
		if (name.endsWith(".png")) {
			await opened.goto(address);
			expect(await opened.evaluate(() => document.contentType)).toBe("image/png");
		} else {
			const saved = opened.waitForEvent("download");
			// A page that turns into a download is no page.
			await opened.goto(address).catch(() => null);
			expect((await saved).suggestedFilename()).toBe(name);
		}
		// As a script, or in a frame, it is nothing either.
		await opened.goto(`${server.url}/demo`);
		const used = await opened.evaluate(async (address) => {
			const script = document.createElement("script");
			script.src = address;
			const done = new Promise<string>((resolve) => {
				script.onload = () => resolve("ran");
				script.onerror = () => resolve("refused");
			});
			document.head.append(script);
			return done;
		}, address);
		expect(used, name).toBe("refused");
		await opened.close();
	}
	expect(ran).toBe(0);
});

test("what is held over a chat shows where it will go", async ({ world }) => {
	const server = await world.server();
	const customer = await world.customer(`${server.url}/demo`);
	await customer.start({ message: "Hold on" });
	const agent = await world.agent(server, WIDE);
	await agent.openChat("Phương Anh", "unassigned");
	const moves = (element: Locator, step: "dragenter" | "dragleave") =>
		element.evaluate((target, step) => {
			const dataTransfer = new DataTransfer();
			dataTransfer.items.add(new File(["x"], "x.txt"));
			target.dispatchEvent(
				new DragEvent(step, { bubbles: true, cancelable: true, composed: true, dataTransfer }),
			);
		}, step);
	for (const [where, page, pane] of [
		["widget", customer.page, customer.panel],
		["console", agent.page, agent.page.getByRole("region", { name: "Chat", exact: true })],
	] as const) {
		await page.bringToFront();
		await moves(pane, "dragenter");
		const target = pane.getByText("Drop files here");
		await target.waitFor();
		const [inner, outer] = [await target.boundingBox(), await pane.boundingBox()];
		expect(inner && outer && inner.height > outer.height * 0.9, where).toBe(true);
		if (SHOTS) await page.screenshot({ path: join(SHOTS, `drop-${where}.png`), animations: "disabled" });
		await moves(pane, "dragleave");
		await target.waitFor({ state: "detached" });
	}
});

test("in a shop of another origin, what files need comes with the first, also at the second try", async ({
	world,
}) => {
	const server = await world.server();
	const shop = await world.shop(server.url);
	const customer = await world.customer(shop.url("localhost"), { expected: [/ERR_FAILED/] });
	const { page } = customer;
	const scripts: string[] = [];
	page.on("request", (request) => {
		if (request.url().includes("/assets/")) scripts.push(request.url());
	});
	await customer.start({ message: "From my own shop" });
	expect(scripts.filter((url) => url.includes("/tray-"))).toEqual([]);
	await page.route("**/assets/tray-*", (route) => route.abort());
	await page.locator("input[type=file]").setInputFiles(list);
	await page.getByText("Attaching did not work.").waitFor();
	if (SHOTS) await page.screenshot({ path: join(SHOTS, "no-script.png"), animations: "disabled" });
	await customer.field.fill("With a list");
	await customer.field.press("Enter");
	await page.unroute("**/assets/tray-*");
	await page.getByRole("button", { name: "Try again" }).click();
	await page.getByRole("button", { name: "Remove prices.csv" }).waitFor();
	expect(await customer.bubble("With a list").count(), "not without its file").toBe(0);
	await customer.field.press("Enter");
	await customer.bubble("With a list").waitFor();
	await customer.log.getByRole("link", { name: /Open prices.csv/ }).waitFor();
});

test("what is uploaded and not sent outlives a reload on both sides", async ({ world }) => {
	const server = await world.server();
	const expected = [/404 \(Not Found\)/];
	const customer = await world.customer(`${server.url}/demo`, { expected });
	await customer.start({ message: "I will be back" });
	const agent = await world.agent(server, { ...WIDE, expected });
	await agent.openChat("Phương Anh", "unassigned");
	for (const [who, field] of [
		[customer, customer.field],
		[agent, agent.field],
	] as const) {
		const { page } = who;
		await page.bringToFront();
		await page.locator("input[type=file]").setInputFiles([picture, list]);
		await page.getByRole("button", { name: "Remove photo.png" }).waitFor();
		await page.getByRole("button", { name: "Remove prices.csv" }).waitFor();
		// What never arrives is named afterwards.
		await page.route("**/sessions/*/attachments", () => undefined);
		await page.locator("input[type=file]").setInputFiles({ ...list, name: "late.csv" });
		await page.getByRole("button", { name: "Stop uploading late.csv" }).waitFor();
		await page.reload();
		if (who === customer) await customer.open();
		await page.getByText("Not uploaded, as the").waitFor();
		// Not before: what is held back would be let go, and might arrive.
		await page.unroute("**/sessions/*/attachments");
		await page.getByRole("button", { name: "Remove photo.png" }).waitFor();
		if (SHOTS) {
			const name = who === customer ? "widget" : "console";
			await page.screenshot({ path: join(SHOTS, `reloaded-${name}.png`), animations: "disabled" });
		}
		// What is gone meanwhile is dropped with a word.
		const key = who === customer ? "hubbub:demo:files" : "hubbub.draft.";
		await page.evaluate((key) => {
			const found = Object.keys(sessionStorage).find(
				(name) => name.startsWith(key) && name.endsWith("files"),
			);
			const tray = JSON.parse(sessionStorage.getItem(found ?? "") ?? "");
			tray.files[1].id = "0199aaaa-0000-4000-8000-000000000000";
			sessionStorage.setItem(found ?? "", JSON.stringify(tray));
		}, key);
		await page.reload();
		if (who === customer) await customer.open();
		await page.getByText("prices.csv is not there any more.").waitFor();
		await page.getByRole("button", { name: "Remove photo.png" }).waitFor();
		await field.press("Enter");
		await who.log
			.getByRole("link", { name: /Open photo.png/ })
			.last()
			.waitFor();
		await page.reload();
		if (who === customer) await customer.open();
		await who.log
			.getByRole("link", { name: /Open photo.png/ })
			.last()
			.waitFor();
		expect(await page.getByRole("button", { name: "Remove photo.png" }).count(), "sent once").toBe(0);
	}
});

import { expect } from "vitest";
import { barriers } from "./axe.js";
import { WIDE } from "./browser.js";
import { test } from "./world.js";

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

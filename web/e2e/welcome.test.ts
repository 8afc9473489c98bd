import { expect } from "vitest";
import { PHONE, SIGNED_OUT } from "./browser.js";
import { test } from "./world.js";

test("who is invited chooses a password by the link, once", async ({ world }) => {
	const server = await world.server();
	const admin = await world.agent(server);
	const made = await admin.page.request.post(`${server.url}/api/v1/agents`, {
		data: { email: "nia@team.example", name: "Nia", role: "agent" },
	});
	expect(made.status()).toBe(201);
	const { url } = (await made.json()).invitation;
	expect(url).toContain("/console/welcome#");

	const { context } = await world.window({
		...PHONE,
		expected: [...SIGNED_OUT, /404 \(Not Found\).*\/auth\/welcome/],
	});
	const page = await context.newPage();
	await page.goto(url);
	await page.getByRole("heading", { name: "Welcome to the team" }).waitFor();
	expect(page.url()).toBe(`${server.url}/console`);
	await page.getByText("nia@team.example").waitFor();
	const password = page.getByRole("textbox", { name: "Password", exact: true });
	await password.fill("short");
	await page.getByRole("button", { name: "Save password and sign in" }).click();
	await page.locator("#new-error").getByText("At least").waitFor();
	await password.fill("terns and tides at dusk");
	await page.getByRole("button", { name: "Save password and sign in" }).click();
	await page.getByRole("heading", { name: "Mine" }).waitFor();

	const again = await context.newPage();
	await again.goto(url);
	await again.getByRole("heading", { name: "This link opens nothing any more" }).waitFor();
	await again.getByRole("button", { name: "To the sign-in" }).click();
	await again.getByRole("heading", { name: "Sign in to Hubbub" }).waitFor();
});

import { expect } from "vitest";
import { PHONE, SIGNED_OUT } from "./browser.js";
import { test } from "./world.js";

for (const [size, options] of [
	["desktop", {}],
	["phone", PHONE],
] as const) {
	test(`the first start leads to an empty inbox (${size})`, async ({ world }) => {
		const server = await world.server({ oneTimePassword: true });
		expect(server.banner).toContain(`Demo shop   ${server.url}/demo`);
		expect(server.banner).toContain(`Console     ${server.url}/console`);
		expect(server.banner).toContain("Sign in as  admin@localhost");

		const { context } = await world.window({ ...options, expected: SIGNED_OUT });
		const page = await context.newPage();
		await page.goto(`${server.url}/console`);
		await page.getByLabel("E-mail").fill("admin@localhost");

		// A wrong password is told at its field, which gets the focus.
		const password = page.getByRole("textbox", { name: "Password", exact: true });
		await password.fill("not this one");
		await page.getByRole("button", { name: "Sign in" }).click();
		await page.getByText("E-mail and password do not match.").waitFor();
		expect(await password.getAttribute("aria-invalid")).toBe("true");
		expect(await password.evaluate((input) => document.activeElement === input)).toBe(true);

		await password.fill(server.oneTimePassword);
		await page.getByRole("button", { name: "Sign in" }).click();

		await page.getByRole("heading", { name: "Choose a password" }).waitFor();
		const chosen = page.getByRole("textbox", { name: "New password" });
		await chosen.fill("short");
		await page.getByRole("button", { name: "Save password" }).click();
		await page.locator("#new-error").getByText("At least").waitFor();
		await chosen.fill("terns and tides at dusk");
		await page.getByRole("button", { name: "Save password" }).click();

		await page.getByRole("heading", { name: "Mine" }).waitFor();
		await page.getByText("No chat is yours yet.").waitFor();

		// It lasts, and the one-time password was for one time.
		await page.reload();
		await page.getByText("No chat is yours yet.").waitFor();
		const again = await context.request.post(`${server.url}/api/v1/auth/login`, {
			data: { email: "admin@localhost", password: server.oneTimePassword },
		});
		expect(again.status()).toBe(401);
	});
}

import { expect } from "vitest";
import type { Customer } from "./customer.js";
import { test } from "./world.js";

const ground = (customer: Customer) =>
	customer.panel.evaluate((panel) => getComputedStyle(panel).backgroundColor);

test("the widget follows the visitor's choice of light and dark, whatever the shop does", async ({
	world,
}) => {
	const server = await world.server();
	const shop = await world.shop(server.url);
	for (const [colorScheme, color] of [
		["light", "rgb(250, 252, 252)"],
		["dark", "rgb(22, 28, 29)"],
	] as const) {
		for (const url of [`${server.url}/demo`, shop.url("localhost")]) {
			const customer = await world.customer(url, { colorScheme });
			await customer.open();
			expect(await ground(customer), `${colorScheme} at ${url}`).toBe(color);
			// Changed while it is open, as at dusk.
			await customer.page.emulateMedia({ colorScheme: colorScheme === "light" ? "dark" : "light" });
			expect(await ground(customer)).not.toBe(color);
		}
	}
});

test("with forced colours everything still has an edge, and nothing is lost", async ({ world }) => {
	const server = await world.server();
	const customer = await world.customer(`${server.url}/demo`, { forcedColors: "active" });
	const agent = await world.agent(server, { forcedColors: "active" });
	await customer.start({ message: "Can you read this?" });
	await agent.openChat("Phương Anh", "unassigned");
	await agent.send("Every word.");
	await customer.bubble("Every word.").waitFor();
	for (const bubble of [
		customer.bubble("Every word."),
		customer.bubble("Can you read this?"),
		agent.bubble("Every word."),
		agent.bubble("Can you read this?"),
	]) {
		const edge = await bubble.evaluate((element) => {
			const { borderTopStyle, borderTopWidth } = getComputedStyle(element);
			return `${borderTopStyle} ${borderTopWidth}`;
		});
		expect(edge).toBe("solid 1px");
	}
});

test("nothing moves for those who asked for stillness", async ({ world }) => {
	const server = await world.server();
	const customer = await world.customer(`${server.url}/demo`, { reducedMotion: "reduce" });
	const agent = await world.agent(server, { reducedMotion: "reduce" });
	/** What moves or fades. A change of colour is neither. */
	const moving = (page: typeof agent.page) =>
		page.evaluate(() =>
			[document, document.querySelector("hubbub-chat")?.shadowRoot ?? document]
				.flatMap((root) => root.getAnimations())
				.filter((animation) => {
					if (animation instanceof CSSTransition && /color$/.test(animation.transitionProperty)) return false;
					return animation.playState === "running" && Number(animation.effect?.getTiming().duration) > 80;
				})
				.map(({ effect }) => (effect instanceof KeyframeEffect ? effect.target?.className : "unknown")),
		);
	await customer.open();
	expect(await moving(customer.page)).toEqual([]);
	await customer.fill({ message: "Slowly, please" });
	await customer.begin();
	await agent.openChat("Phương Anh", "unassigned");
	await agent.field.pressSequentially("Of");
	await customer.typing.waitFor({ state: "attached" });
	await customer.field.pressSequentially("Th");
	await agent.above.getByText("is writing").waitFor();
	expect(await moving(customer.page)).toEqual([]);
	expect(await moving(agent.page)).toEqual([]);
});

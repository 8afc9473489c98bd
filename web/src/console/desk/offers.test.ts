import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HttpError } from "../../client/index.js";
import { fakeClient } from "../fake-client.js";
import { summary } from "../fixtures.js";
import { type Offers, openOffers } from "./offers.js";

const until = () => new Date(Date.now() + 30_000).toISOString();

describe("offers", () => {
	let fake: ReturnType<typeof fakeClient>;
	let offers: Offers;
	const [say, tell, onTaken, taking] = [vi.fn(), vi.fn(), vi.fn(), vi.fn()];
	const ask = (id: string) => fake.tellOffer({ type: "offer", session: summary({ id }), until: until() });
	const asked = () => offers.asked.value.map(({ session }) => session.id);

	beforeEach(() => {
		vi.useFakeTimers();
		vi.clearAllMocks();
		fake = fakeClient();
		offers = openOffers({ client: fake.client, say, tell, onError: () => {}, onTaken, taking });
	});
	afterEach(() => {
		offers.close();
		vi.useRealTimers();
	});

	it("are told once, and shown until the time is over", () => {
		ask("a");
		ask("a");
		expect(asked()).toEqual(["a"]);
		expect(say.mock.calls).toEqual([["You are asked to take the chat with Name a. Y takes it, N declines."]]);
		vi.advanceTimersByTime(34_000);
		expect(asked()).toEqual([]);
	});

	it("are taken, the first one first", async () => {
		ask("a");
		vi.advanceTimersByTime(1_000);
		ask("b");
		fake.answers["POST /sessions/a/accept"] = [summary({ id: "a" })];
		await offers.accept();
		expect(onTaken).toHaveBeenCalledWith("a");
		expect(taking.mock.calls).toEqual([
			["a", true],
			["a", false],
		]);
		expect(asked()).toEqual(["b"]);
		fake.answers["POST /sessions/b/decline"] = [summary({ id: "b" })];
		await offers.decline();
		expect(asked()).toEqual([]);
		await offers.accept();
		expect(fake.asked).toHaveLength(2);
	});

	it("say why they are over", async () => {
		ask("a");
		ask("b");
		ask("c");
		fake.tellOffer({ type: "offer_ended", session: "a", end: "unanswered" });
		fake.tellOffer({ type: "offer_ended", session: "b", end: "withdrawn" });
		fake.answers["POST /sessions/c/accept"] = [new HttpError(409, "offer_over", "Too late.")];
		await offers.accept("c");
		expect(tell.mock.calls.flat()).toEqual([
			"The chat with Name a went to the next one",
			"A colleague took the chat with Name b",
			"Too late.",
		]);
		expect(asked()).toEqual([]);
	});

	it("stay where the answer did not get through", async () => {
		ask("a");
		fake.answers["POST /sessions/a/accept"] = [new HttpError(0, null, "No answer.")];
		await offers.accept();
		expect(offers.asked.value).toMatchObject([{ busy: false }]);
	});
});

import { describe, expect, it } from "vitest";
import type { Event } from "../protocol/types.js";
import { ANA, CUSTOMER, makeEvent, makeMessage } from "../testing/make.js";
import { FakeServer } from "../testing/server.js";
import { makeOpenWorld } from "../testing/world.js";
import type { TeamState } from "./api.js";
import { withAnswer } from "./snapshot.js";

const ana = { id: ANA.id, name: ANA.name };
const place = { position: 3, waiting: 5, estimateS: null };
const queue = { type: "queue", session: "chat", position: 3, waiting: 5 } as const;

describe("a place in line", () => {
	it.each<[Event, boolean]>([
		[{ type: "assigned", agent: ana }, true],
		[{ type: "assigned", agent: null }, false],
		[{ type: "transferred", to: ana }, true],
		[{ type: "status_changed", from: "open", to: "in_progress" }, false],
		[{ type: "status_changed", from: "open", to: "resolved" }, true],
		[{ type: "closed", from: "open" }, true],
		[{ type: "taken_as_message", because: "away" }, true],
	])("%j ends it: %s", (event, ends) => {
		expect(withAnswer(place, makeEvent(2, event))).toBe(ends ? null : place);
	});

	it("ends with what the team says, not with what the customer says", () => {
		expect(withAnswer(place, makeMessage(2, "Hello?", CUSTOMER))).toBe(place);
		expect(withAnswer(place, makeMessage(2, "Hello!"))).toBeNull();
	});

	it("is kept until somebody answers, and comes back with the next word of the server", async () => {
		const { server, stream, pass } = await makeOpenWorld();
		expect(stream.get().place).toBeNull();
		server.tell(queue);
		await pass();
		expect(stream.get().place).toEqual(place);
		server.tell({ ...queue, position: 2, waiting: 4, estimate_s: 90 });
		await pass();
		expect(stream.get().place).toEqual({ position: 2, waiting: 4, estimateS: 90 });
		server.append("chat", (seq) => makeEvent(seq, { type: "assigned", agent: ana }));
		await pass();
		expect(stream.get().place).toBeNull();
		server.tell(queue);
		await pass();
		expect(stream.get().place).toEqual(place);
	});

	it("outlives a short interruption, but not an answer during it, nor a long one", async () => {
		const { server, stream, pass } = await makeOpenWorld();
		server.tell(queue);
		await pass();
		server.drop();
		await pass(2_000);
		expect(stream.get().place).toEqual(place);
		server.unreachable = true;
		server.drop();
		await pass(30_000);
		expect(stream.get().place).toBeNull();
		server.unreachable = false;
		await pass(60_000);
		server.tell(queue);
		await pass();
		server.drop();
		server.append("chat", (seq) => makeMessage(seq, "Here I am"));
		await pass(2_000);
		expect(stream.get().place).toBeNull();
	});

	it("ends when the server says so", async () => {
		const { server, stream, pass } = await makeOpenWorld();
		server.tell(queue);
		await pass();
		server.tell({ type: "queue_left", session: "chat" });
		await pass();
		expect(stream.get().place).toBeNull();
	});

	it("is not claimed on a long-poll that does not tell it", async () => {
		const { server, stream, pass } = await makeOpenWorld();
		server.tell(queue);
		await pass();
		server.upgradesFail = true;
		server.drop();
		await pass(30_000);
		expect(stream.get().place).toBeNull();
	});
});

describe("the team", () => {
	it("is told of as it changes, and what is unknown is ignored", async () => {
		const server = new FakeServer("chat");
		server.you = ANA;
		const { client, pass } = await makeOpenWorld({ server });
		const told: TeamState[] = [];
		const end = client.onTeam((state) => told.push(state));
		server.tell({ type: "mood", agent: ana } as never);
		server.tell({ type: "availability", agent: ana, status: "busy", active: 5, max: 5 });
		await pass();
		end();
		server.tell({ type: "availability", agent: ana, status: "online", active: 4, max: 5 });
		await pass();
		expect(told).toMatchObject([{ agent: ana, status: "busy", active: 5, max: 5 }]);
		expect(client.status.get().state).toBe("online");
	});
});

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HttpError } from "../../client/index.js";
import type { Workload, You } from "../../protocol/types.js";
import { fakeClient } from "../fake-client.js";
import { type Announcer, createAnnouncer } from "./announcer.js";
import { availabilityWords, openTeam, type Team } from "./team.js";

const me: You = { kind: "agent", id: "ana", name: "Ana", role: "agent" };
const one = (id: string, name: string, over: Partial<Workload> = {}): Workload => ({
	agent: { id, name },
	status: "online",
	chosen: "online",
	active: 1,
	max: 5,
	...over,
});
const ana = one("ana", "Ana");
const tess = one("tess", "Tess");
const WORKLOAD = "GET /agents/workload";

describe("the team", () => {
	let fake: ReturnType<typeof fakeClient>;
	let announcer: Announcer;
	let team: Team;
	const onError = vi.fn();
	const settled = () => vi.waitFor(() => expect(fake.answers[WORKLOAD]).toEqual([]));
	const said = () => announcer.said.value.map(({ text }) => text);

	beforeEach(async () => {
		onError.mockClear();
		fake = fakeClient();
		announcer = createAnnouncer();
		fake.answers[WORKLOAD] = [{ items: [tess, ana] }];
		team = openTeam({ client: fake.client, me, announcer, onError });
		await vi.waitFor(() => expect(team.members.value).not.toBeNull());
	});

	afterEach(() => {
		team.close();
		announcer.close();
	});

	it("is asked for at first, then told of, the readiest first", () => {
		expect(team.members.value).toEqual([ana, tess]);
		expect(team.mine.value).toEqual(ana);
		fake.tellTeam({ agent: tess.agent, status: "away", active: 2, max: 5 });
		fake.tellTeam({ agent: { id: "bo", name: "Bo" }, status: "online", active: 0, max: 3 });
		expect(team.members.value?.map(({ agent, status, active }) => [agent.name, status, active])).toEqual([
			["Ana", "online", 1],
			["Bo", "online", 0],
			["Tess", "away", 2],
		]);
		expect(fake.asked).toEqual([WORKLOAD]);
	});

	it("is asked for again after an interruption, and older answers do not undo newer news", async () => {
		const now = fake.status.get();
		fake.status.set({ ...now, state: "reconnecting", transport: null });
		fake.answers[WORKLOAD] = [{ items: [ana, { ...tess, active: 4 }] }];
		fake.status.set({ ...now });
		fake.tellTeam({ agent: tess.agent, status: "offline", active: 3, max: 5 });
		await settled();
		await vi.waitFor(() => expect(fake.asked).toHaveLength(2));
		expect(team.members.value?.at(-1)).toMatchObject({ status: "offline", active: 3 });
	});

	it("says what the server has set by itself, and why", async () => {
		fake.answers[WORKLOAD] = [{ items: [{ ...ana, status: "away" }, tess] }];
		fake.tellTeam({ agent: ana.agent, status: "away", active: 1, max: 5 });
		await vi.waitFor(() => expect(team.mine.value?.status).toBe("away"));
		expect(said()).toEqual(["You are shown as away: no activity"]);
		fake.tellTeam({ agent: ana.agent, status: "online", active: 1, max: 5 });
		expect(team.mine.value).toEqual(ana);
		expect(said()).toHaveLength(1);
	});

	it("takes what was chosen, here or in another window, without a word", async () => {
		fake.answers["PUT /agents/me/availability"] = [{}];
		fake.answers[WORKLOAD] = [{ items: [{ ...ana, status: "busy", chosen: "busy" }, tess] }];
		expect(await team.choose("busy")).toBeNull();
		expect(fake.bodies).toContainEqual({ status: "busy" });
		expect(team.mine.value?.status).toBe("busy");
		fake.answers[WORKLOAD] = [{ items: [{ ...ana, status: "away", chosen: "away" }, tess] }];
		fake.tellTeam({ agent: ana.agent, status: "away", active: 1, max: 5 });
		await vi.waitFor(() => expect(team.mine.value?.status).toBe("away"));
		const questions = fake.asked.length;
		fake.tellTeam({ agent: ana.agent, status: "offline", active: 1, max: 5 });
		expect(team.mine.value).toMatchObject({ status: "offline", chosen: "offline" });
		expect(fake.asked).toHaveLength(questions);
		expect(said()).toEqual([]);
	});

	it("tells a refusal, and keeps what it knows", async () => {
		fake.answers["PUT /agents/me/availability"] = [new HttpError(503, "store_unavailable", "Later.")];
		expect((await team.choose("away"))?.message).toBe("Later.");
		fake.answers[WORKLOAD] = [new HttpError(503, "store_unavailable", "Later.")];
		await team.refresh();
		expect(team.trouble.value).toBe("Later.");
		expect(team.members.value).toEqual([ana, tess]);
		expect(onError).toHaveBeenCalledTimes(2);
	});
});

describe("a status in words", () => {
	it.each<[Partial<Workload>, string]>([
		[{}, "Online"],
		[{ status: "away" }, "Away: no activity"],
		[{ status: "busy", active: 5 }, "Busy: 5 of 5 chats"],
		[{ status: "offline" }, "Offline: no connection"],
		[{ status: "away", chosen: "away" }, "Away"],
	])("%j: %s", (over, words) => {
		expect(availabilityWords(one("ana", "Ana", over))).toBe(words);
	});
});

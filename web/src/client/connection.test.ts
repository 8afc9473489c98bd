import { describe, expect, it } from "vitest";
import { makeOpenWorld, makeWorld } from "../testing/world.js";

describe("connecting", () => {
	it("says hello first, with the token and what it follows", async () => {
		const { server, client, pass } = makeWorld();
		client.openSession("chat");
		client.start();
		expect(client.status.get()).toMatchObject({ state: "connecting", transport: null });
		await pass();
		expect(server.frames[0]).toEqual({
			type: "hello",
			token: "secret",
			sessions: [{ id: "chat" }],
			client: { name: "test", version: "0" },
		});
		expect(client.status.get()).toMatchObject({ state: "online", transport: "websocket", retryAt: null });
		expect(client.you.get()?.id).toBe("contact-1");
		expect(client.sessions.get().map((session) => session.id)).toEqual(["chat"]);
	});

	it("gives up an upgrade that nobody answers", async () => {
		const { server, client, pass } = makeWorld();
		server.upgradesHang = true;
		client.start();
		await pass(7_900);
		expect(client.status.get().state).toBe("connecting");
		await pass(200);
		expect(client.status.get().state).toBe("reconnecting");
	});
});

describe("reconnecting", () => {
	it("waits a random part of a limit that doubles up to 30 s", async () => {
		const { server, platform, client, pass } = await makeOpenWorld();
		server.unreachable = true;
		server.drop();
		platform.chance = 0.999999;
		const waits: number[] = [];
		const end = client.status.subscribe(({ retryAt }) => {
			if (retryAt !== null) waits.push(retryAt - platform.now());
		});
		await pass(240_000);
		end();
		expect(waits.slice(0, 8)).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
	});

	it("calls it away only once it has lasted, and not while the page was put aside", async () => {
		const { server, platform, client, pass } = await makeOpenWorld();
		const away: boolean[] = [];
		client.away.subscribe((now) => away.push(now));
		server.bye(1012, "restart", 1_000);
		await pass(5_000);
		expect(away).toEqual([]);
		server.unreachable = true;
		server.drop();
		await pass(1_900);
		expect(client.away.get()).toBe(false);
		await pass(200);
		expect(client.away.get()).toBe(true);
		server.unreachable = false;
		client.retryNow();
		await pass(50);
		expect(client.away.get()).toBe(false);
		platform.page("pagehide");
		await pass(60_000);
		platform.page("pageshow");
		await pass(50);
		expect(away).toEqual([true, false]);
	});

	it("counts all tries of one interruption as one state", async () => {
		const { server, client, platform, pass } = await makeOpenWorld();
		server.unreachable = true;
		server.drop();
		await pass(1);
		const { since } = client.status.get();
		await pass(60_000);
		expect(client.status.get()).toMatchObject({ state: "reconnecting", since });
		expect(platform.now() - since).toBeGreaterThan(59_000);
	});

	it("begins with short waits again only after a stable time", async () => {
		const { server, platform, client, pass } = await makeOpenWorld();
		platform.chance = 0.999999;
		const waits: number[] = [];
		client.status.subscribe(({ retryAt }) => {
			if (retryAt !== null) waits.push(retryAt - platform.now());
		});
		server.drop();
		await pass(5_000);
		server.drop();
		await pass(5_000);
		server.drop();
		await pass(40_000);
		server.drop();
		await pass(5_000);
		expect(waits).toEqual([500, 1000, 2000, 500]);
	});

	it("tries at once on online, on becoming visible, and when asked", async () => {
		for (const wake of ["online", "visible", "pageshow", "asked"] as const) {
			const { server, platform, client, pass } = await makeOpenWorld();
			server.unreachable = true;
			server.drop();
			platform.chance = 0.999999;
			await pass(20_000);
			server.unreachable = false;
			if (wake === "asked") client.retryNow();
			else platform.page(wake);
			await pass(50);
			expect(client.status.get().state, wake).toBe("online");
		}
	});

	it("stops for good on codes that say so, known or not", async () => {
		for (const code of [1000, 1003, 1008, 4500, 4504, 4999]) {
			const { server, client, pass } = await makeOpenWorld();
			server.bye(code, "because", 0);
			await pass(120_000);
			expect(client.status.get()).toMatchObject({ state: "stopped", stopped: { code, reason: "because" } });
			expect(server.sockets).toHaveLength(1);
		}
	});

	it("comes back after all other codes, known or not", async () => {
		for (const code of [1001, 1006, 1011, 1012, 1013, 4000, 4001, 4499]) {
			const { server, client, pass } = await makeOpenWorld();
			for (const socket of server.live) socket.end(code);
			await pass(2_000);
			expect(client.status.get().state, String(code)).toBe("online");
		}
	});

	it("learns from the bye when the close itself was lost", async () => {
		const { server, client, pass } = await makeOpenWorld();
		server.tell({ type: "bye", reason: "blocked", retry_after_ms: 0 });
		await pass(10_000);
		expect(client.status.get()).toMatchObject({
			state: "stopped",
			stopped: { code: 4504, reason: "blocked" },
		});
	});

	it("stays away as long as the bye says, whatever the page does", async () => {
		const { server, platform, client, pass } = await makeOpenWorld();
		platform.chance = 0;
		server.bye(4003, "rate_limited", 8_000);
		await pass(1_000);
		platform.page("visible");
		platform.page("online");
		await pass(6_800);
		expect(client.status.get().state).toBe("reconnecting");
		await pass(400);
		expect(client.status.get().state).toBe("online");
	});

	it("comes back from a restart at a random time within the hint", async () => {
		const { server, platform, client, pass } = await makeOpenWorld();
		platform.chance = 0.25;
		server.bye(1012, "restart", 10_000);
		await pass(2_400);
		expect(client.status.get().state).toBe("reconnecting");
		await pass(200);
		expect(client.status.get().state).toBe("online");
	});

	it("can be stopped and started again", async () => {
		const { server, client, stream, pass } = await makeOpenWorld();
		client.stop();
		expect(client.status.get()).toMatchObject({ state: "stopped" });
		expect(client.status.get()).not.toHaveProperty("stopped");
		expect(server.sockets[0]?.closedWith).toBe(1000);
		server.say("chat", "while away");
		await pass(60_000);
		client.start();
		await pass();
		expect(stream.get().entries.at(-1)?.body).toBe("while away");
	});
});

describe("heartbeat", () => {
	it("pings while visible, and drops a connection that does not answer", async () => {
		const { server, client, pass } = await makeOpenWorld();
		await pass(25_000);
		expect(server.got("ping")).toHaveLength(1);
		server.mute = true;
		await pass(25_000 + 9_000);
		expect(client.status.get().state).toBe("online");
		await pass(1_200);
		expect(server.sockets[0]?.closedWith).toBe(4000);
		server.mute = false;
		await pass(10_000);
		expect(client.status.get().state).toBe("online");
	});

	it("takes any frame for an answer", async () => {
		const { server, client, pass } = await makeOpenWorld();
		server.mute = true;
		await pass(30_000);
		server.say("chat", "still here");
		await pass(10_000);
		expect(client.status.get().state).toBe("online");
	});

	it("leaves hidden pages to the server's pings", async () => {
		const { server, platform, pass } = await makeOpenWorld();
		platform.page("hidden");
		await pass(120_000);
		expect(server.got("ping")).toHaveLength(0);
	});

	it.each(["visible", "offline"] as const)("asks at once on %s, and waits 5 s", async (event) => {
		const { server, platform, client, pass } = await makeOpenWorld();
		server.mute = true;
		platform.page(event);
		await pass(4_900);
		expect(client.status.get().state).toBe("online");
		await pass(200);
		expect(client.status.get().state).toBe("reconnecting");
	});

	it("stays when the browser was wrong about being offline", async () => {
		const { server, platform, client, pass } = await makeOpenWorld();
		platform.page("offline");
		await pass(20_000);
		expect(client.status.get().state).toBe("online");
		expect(server.sockets).toHaveLength(1);
	});

	it("asks once more when the page was frozen past the deadline", async () => {
		const { server, platform, client, pass } = await makeOpenWorld();
		server.mute = true;
		platform.page("visible");
		await pass(0);
		platform.clock.sleep(600_000);
		server.mute = false;
		await pass(100);
		expect(client.status.get().state).toBe("online");
		expect(server.sockets).toHaveLength(1);
	});
});

describe("the page", () => {
	it("closes when it is hidden for the back-forward cache, and opens when it is shown again", async () => {
		const { server, platform, client, stream, pass } = await makeOpenWorld();
		platform.page("pagehide");
		expect(server.live).toHaveLength(0);
		server.say("chat", "meanwhile");
		await pass(60_000);
		expect(server.sockets).toHaveLength(1);
		platform.page("pageshow");
		await pass();
		expect(client.status.get().state).toBe("online");
		expect(stream.get().entries.at(-1)?.body).toBe("meanwhile");
	});
});

import { describe, expect, it } from "vitest";
import { summary } from "../fixtures.js";
import { leftWords, pressing, stateOf } from "./sla.js";

const at = (clock: string) => `2026-11-20T${clock}:00.000Z`;
const ms = (clock: string) => Date.parse(at(clock));
const due = (clock: string, met?: string) => ({
	warn_at: at("09:00"),
	due_at: at(clock),
	state: "fine" as const,
	...(met ? { met_at: at(met) } : {}),
});

describe("how a promise stands", () => {
	it("goes by the clock, not by what the server said then", () => {
		expect(stateOf(due("10:00"), ms("08:59"))).toBe("fine");
		expect(stateOf(due("10:00"), ms("09:00"))).toBe("warned");
		expect(stateOf(due("10:00"), ms("10:00"))).toBe("breached");
		expect(stateOf(due("10:00", "09:30"), ms("11:00"))).toBe("fine");
		expect(stateOf(due("10:00", "10:30"), ms("11:00"))).toBe("breached");
	});
});

describe("what presses most", () => {
	const of = (sla: object) => summary({ status: "open", sla: { policy: "All", ...sla } });

	it("is the answer that somebody waits for", () => {
		const late = of({ next_response: due("10:00"), resolution: due("10:30") });
		expect(pressing(late, ms("11:00"))?.target).toBe("next_response");
		const before = of({ first_response: due("12:00"), resolution: due("11:00") });
		expect(pressing(before, ms("10:00"))?.target).toBe("resolution");
		expect(pressing(before, ms("11:30"))?.target).toBe("first_response");
	});

	it("is nothing where all is done, or nothing was promised", () => {
		expect(pressing(of({ first_response: due("10:00", "09:00") }), ms("11:00"))).toBeNull();
		expect(pressing(summary({ status: "open" }), ms("11:00"))).toBeNull();
		const over = summary({ status: "resolved", sla: { policy: "All", resolution: due("10:00") } });
		expect(pressing(over, ms("11:00"))).toBeNull();
	});

	it("says how much time is left", () => {
		const words = (now: string) => {
			const chat = of({ first_response: due("10:00") });
			const most = pressing(chat, ms(now));
			return most && leftWords(most, ms(now));
		};
		expect(words("09:18")).toBe("42 min left");
		expect(words("10:00")).toBe("1 min late");
		expect(words("12:30")).toBe("2 hr late");
		expect(words("07:59")).toBe("2 hr left");
	});
});

/** A customer and an agent who talk while something happens, and what each of them saw of it. */
import { expect } from "vitest";
import type { Agent } from "./agent.js";
import type { Customer } from "./customer.js";
import { Recorder } from "./recorder.js";

/** The promise is 2 s between two nodes without Redis; a busy machine is no breach of it. */
const CROSSED = { timeout: 6_000 };
/** A try to connect may fail, and the next one comes after a pause of the client's own choice. */
const BACK = { timeout: 15_000 };

interface Side {
	readonly name: string;
	readonly who: Customer | Agent;
	readonly saw: Recorder;
	/** What they wrote, in order. */
	readonly wrote: string[];
}

export class Conversation {
	readonly #customer: Side;
	readonly #agent: Side;
	readonly #stored: () => Promise<readonly string[]>;
	/** What was said before. */
	readonly #before: readonly string[];

	private constructor(
		customer: Side,
		agent: Side,
		stored: () => Promise<readonly string[]>,
		before: readonly string[],
	) {
		this.#customer = customer;
		this.#agent = agent;
		this.#stored = stored;
		this.#before = before;
	}

	/** Of two who see the same chat already. */
	static async begin(customer: Customer, agent: Agent): Promise<Conversation> {
		const customerSaw = await Recorder.on(customer.page, {
			bubble: ".log .bubble:not(.bubble-typing)",
			note: ".bar",
			presence: ".header-line",
		});
		const agentSaw = await Recorder.on(agent.page, {
			bubble: "[role=log] .bubble",
			note: ".connection-bar",
			presence: ".rail .connection-word",
		});
		return new Conversation(
			{ name: "customer", who: customer, saw: customerSaw, wrote: [] },
			{ name: "agent", who: agent, saw: agentSaw, wrote: [] },
			() => agent.storedMessages(),
			await agent.storedMessages(),
		);
	}

	/** Three messages each way, one after another. The longest time that one took to the other's screen, in ms. */
	async exchange(topic: string): Promise<number> {
		let slowest = 0;
		for (const n of [1, 2, 3]) {
			for (const [from, to] of this.#directions) {
				const text = `${from.name}, ${topic} ${n}`;
				from.wrote.push(text);
				await from.who.send(text);
				await to.who.bubble(text).waitFor(CROSSED);
				slowest = Math.max(slowest, await took(text, from, to));
			}
		}
		return slowest;
	}

	/** Both type and send, stroke by stroke, while `event` lasts, and until all of it has come to both. */
	async during(event: () => Promise<void>): Promise<void> {
		let lasts = true;
		const ended = event().finally(() => {
			lasts = false;
		});
		const writing = this.#directions.map(async ([{ name, who, wrote }]) => {
			while (lasts) {
				const text = `${name} ${wrote.length + 1}`;
				wrote.push(text);
				await who.field.pressSequentially(text, { delay: 20 });
				await who.field.press("Enter");
			}
		});
		await Promise.all([ended, ...writing]);
		for (const [from, to] of this.#directions) await to.who.bubble(from.wrote.at(-1) ?? "").waitFor(BACK);
	}

	/** Everything written is stored and on both screens, once, in one order, each side's own in the order written. */
	async expectWhole(): Promise<void> {
		const stored = await this.#stored();
		const since = stored.slice(this.#before.length);
		expect(stored.slice(0, this.#before.length)).toEqual(this.#before);
		for (const { name, who, saw, wrote } of [this.#customer, this.#agent]) {
			expect(since.filter((text) => text.startsWith(name))).toEqual(wrote);
			await expect.poll(() => who.said(), BACK).toEqual(stored);
			// Nor was anything to be seen twice for a moment.
			const twice = (await saw.sights("bubble")).filter(({ text }) => /#\d+$/.test(text));
			expect(twice).toEqual([]);
		}
		expect(since).toHaveLength(this.#customer.wrote.length + this.#agent.wrote.length);
	}

	/** How many messages were written, and the longest time that one took to the other's screen, in ms. */
	async pace(): Promise<{ readonly messages: number; readonly slowest: number }> {
		const times: number[] = [];
		for (const [from, to] of this.#directions) {
			for (const text of from.wrote) times.push(await took(text, from, to));
		}
		return { messages: times.length, slowest: Math.max(...times) };
	}

	/** For how long each was told that the connection is gone, in ms, and what was said of who is here. */
	async troubles() {
		const of = async ({ saw }: Side) => {
			const notes = await saw.sights("note");
			const told = notes.reduce((sum, { from, to }) => sum + ((to ?? Date.now()) - from), 0);
			return { told, presence: (await saw.sights("presence")).map(({ text }) => text) };
		};
		return { customer: await of(this.#customer), agent: await of(this.#agent) };
	}

	get #directions(): readonly (readonly [Side, Side])[] {
		return [
			[this.#customer, this.#agent],
			[this.#agent, this.#customer],
		];
	}
}

async function took(text: string, from: Side, to: Side): Promise<number> {
	const [wrote, read] = await Promise.all([firstSight(from.saw, text), firstSight(to.saw, text)]);
	return read - wrote;
}

async function firstSight(recorder: Recorder, text: string): Promise<number> {
	const sight = (await recorder.sights("bubble")).find((one) => one.text === text);
	if (sight === undefined) throw new Error(`nobody saw: ${text}`);
	return sight.from;
}

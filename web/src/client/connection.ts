import type { ClientFrame } from "../protocol/types.js";
import type { PageEvent, Platform, Status, TransportKind } from "./api.js";
import { Backoff } from "./backoff.js";
import {
	ABNORMAL,
	type Link,
	type LinkEvent,
	type LinkHandlers,
	type Loss,
	mayReconnect,
	reasonOf,
	type Welcome,
} from "./link.js";
import { Value } from "./observable.js";
import { Timer } from "./timer.js";

/** Only a link that held this long makes the next interruption start with short waits again. */
const STABLE_MS = 30_000;
/** An interruption shorter than this is nobody's business. */
const AWAY_MS = 2_000;
/** How often a page on long-poll tries whether a WebSocket gets through by now. */
const CLIMB_MS = 60_000;
const PROBE_MS = 5_000;
/** Upgrades in a row that may fail before long-poll takes over. */
const UPGRADES = 2;
const RESTART = 1012;

export interface ConnectionOptions {
	readonly platform: Platform;
	open(kind: TransportKind, handlers: LinkHandlers): Link;
	/** A link is usable: the first one, after an interruption, or in place of a lesser one. */
	up(welcome: Welcome): void;
	event(event: LinkEvent): void;
	/** The link is gone. */
	down(): void;
}

/** Keeps one link up, by whichever transport works. */
export class Connection {
	readonly status: Value<Status>;
	readonly away = new Value(false);
	readonly #options: ConnectionOptions;
	readonly #platform: Platform;
	readonly #backoff: Backoff;
	readonly #retry: Timer;
	readonly #stable: Timer;
	readonly #climbing: Timer;
	readonly #leaving: Timer;
	/** The link in use or being tried. */
	#link: Link | null = null;
	/** A WebSocket being tried while long-poll carries on. */
	#climber: Link | null = null;
	#failedUpgrades = 0;
	/** The wait was asked for by the server: coming back early would only be refused again. */
	#heldOff = false;
	#suspended = false;
	#unlisten: (() => void) | null = null;

	constructor(options: ConnectionOptions) {
		this.#options = options;
		this.#platform = options.platform;
		this.#backoff = new Backoff(() => options.platform.random());
		this.#retry = new Timer(options.platform);
		this.#stable = new Timer(options.platform);
		this.#climbing = new Timer(options.platform);
		this.#leaving = new Timer(options.platform);
		const since = options.platform.now();
		this.status = new Value<Status>({ state: "stopped", transport: null, since, retryAt: null });
	}

	get online(): boolean {
		return this.status.get().state === "online";
	}

	start(): void {
		if (this.#unlisten !== null) return;
		this.#unlisten = this.#platform.onPage((event) => this.#page(event));
		this.#suspended = false;
		this.#failedUpgrades = 0;
		this.#backoff.reset();
		this.#tell({ state: "connecting" });
		this.#try();
	}

	stop(): void {
		this.#end({ state: "stopped" });
	}

	retryNow(): void {
		if (this.#unlisten === null) return;
		if (this.#retry.pending) this.#try();
		else if (this.online) this.#link?.probe(PROBE_MS);
	}

	send(frame: ClientFrame): boolean {
		return this.online && this.#link?.send(frame) === true;
	}

	#try(): void {
		this.#retry.clear();
		this.#heldOff = false;
		const before = this.status.get();
		if (before.retryAt !== null) this.status.set({ ...before, retryAt: null });
		const kind: TransportKind = this.#failedUpgrades >= UPGRADES ? "long_poll" : "websocket";
		let up = false;
		const link: Link = this.#options.open(kind, {
			up: (welcome) => {
				up = true;
				this.#adopt(link, welcome);
			},
			event: (event) => this.#options.event(event),
			down: (loss) => {
				if (!up) this.#count(kind, loss);
				this.#lost(loss);
			},
		});
		this.#link = link;
	}

	/** What a try that never came up says about the transports. */
	#count(kind: TransportKind, loss: Loss): void {
		// Long-poll does not work either, so the network is to blame: the better transport gets the next chance.
		if (kind === "long_poll") this.#failedUpgrades = UPGRADES - 1;
		// A code or a `bye` came from our server, so upgrades do get through.
		else if (loss.code === ABNORMAL && loss.reason === null) this.#failedUpgrades += 1;
	}

	#adopt(link: Link, welcome: Welcome): void {
		const lesser = this.#link;
		this.#link = link;
		if (lesser !== link) lesser?.close();
		if (link.kind === "websocket") {
			this.#failedUpgrades = 0;
			this.#climbing.clear();
		} else this.#climbLater();
		this.#stable.set(STABLE_MS, () => this.#backoff.reset());
		this.#tell({ state: "online", transport: link.kind });
		this.#options.up(welcome);
	}

	#lost(loss: Loss): void {
		this.#hangUp();
		if (!mayReconnect(loss.code)) {
			const reason = loss.reason ?? reasonOf(loss.code);
			this.#end({ state: "stopped", stopped: { code: loss.code, reason } });
			return;
		}
		const wait = this.#waitFor(loss);
		this.#heldOff = loss.retryAfterMs !== null;
		this.#tell({ state: "reconnecting", retryAt: this.#platform.now() + wait });
		this.#retry.set(wait, () => this.#try());
	}

	#waitFor(loss: Loss): number {
		const backoff = this.#backoff.next();
		if (loss.retryAfterMs === null) return backoff;
		// A restart's hint is the time over which its clients are to spread.
		if (loss.code === RESTART) return Math.round(this.#platform.random() * loss.retryAfterMs);
		return loss.retryAfterMs + backoff;
	}

	#climbLater(): void {
		this.#climbing.set(CLIMB_MS, () => this.#climb());
	}

	#climb(): void {
		if (this.#climber !== null || this.#link?.kind !== "long_poll" || !this.online) return;
		const climber: Link = this.#options.open("websocket", {
			up: (welcome) => {
				this.#climber = null;
				this.#adopt(climber, welcome);
			},
			event: (event) => this.#options.event(event),
			down: (loss) => {
				if (this.#link === climber) return this.#lost(loss);
				this.#climber = null;
				if (mayReconnect(loss.code)) this.#climbLater();
				else this.#lost(loss);
			},
		});
		this.#climber = climber;
	}

	#leaveClimb(): void {
		this.#climbing.clear();
		this.#climber?.close();
		this.#climber = null;
	}

	#page(event: PageEvent): void {
		if (event === "pagehide") {
			// An open connection would keep the page out of the back-forward cache.
			this.#suspended = true;
			this.#hangUp();
			this.#tell({ state: "reconnecting" });
			this.#leaving.clear();
		} else if (event === "pageshow" && this.#suspended) {
			this.#suspended = false;
			this.#countAway();
			this.#try();
		} else if (event === "online" || event === "visible" || event === "pageshow") {
			// Another network may let upgrades through: one chance now, where long-poll had taken over.
			if (event === "online") this.#failedUpgrades = Math.min(this.#failedUpgrades, UPGRADES - 1);
			if (this.#retry.pending && !this.#heldOff) this.#try();
			else if (this.online) this.#link?.probe(PROBE_MS);
			if (event === "online") this.#climb();
		} else if (event === "offline" && this.online) {
			// Browsers are wrong about it at times, so it is asked; but a socket without a network would seem open for long.
			this.#link?.probe(PROBE_MS);
		}
	}

	#hangUp(): void {
		const wasOnline = this.online;
		this.#retry.clear();
		this.#stable.clear();
		this.#leaveClimb();
		this.#link?.close();
		this.#link = null;
		if (wasOnline) this.#options.down();
	}

	#end(status: Partial<Status> & Pick<Status, "state">): void {
		this.#unlisten?.();
		this.#unlisten = null;
		this.#hangUp();
		this.#tell(status);
	}

	#tell(status: Partial<Status> & Pick<Status, "state">): void {
		const before = this.status.get();
		// A first failure is already an interruption; a pause of the page is none.
		const since = before.state === status.state ? before.since : this.#platform.now();
		this.status.set({ transport: null, retryAt: null, ...status, since });
		this.#countAway();
	}

	#countAway(): void {
		if (this.online) {
			this.#leaving.clear();
			this.away.set(false);
		} else if (!this.#leaving.pending && !this.away.get()) {
			this.#leaving.set(AWAY_MS, () => this.away.set(true));
		}
	}
}

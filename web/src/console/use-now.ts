/** Time in components. */

import { useEffect, useState } from "preact/hooks";

/** The time now, again every `everyMs`. */
export function useNow(everyMs: number): number {
	const [now, setNow] = useState(Date.now);
	useEffect(() => {
		const timer = setInterval(() => setNow(Date.now()), everyMs);
		return () => clearInterval(timer);
	}, [everyMs]);
	return now;
}

/** True once `on` has lasted `ms`. */
export function useLasting(on: boolean, ms: number): boolean {
	const [lasted, setLasted] = useState(false);
	useEffect(() => {
		setLasted(false);
		if (!on) return;
		const timer = setTimeout(() => setLasted(true), ms);
		return () => clearTimeout(timer);
	}, [on, ms]);
	return on && lasted;
}

/** Seconds until `at`, at least one; null when it is past or unknown. */
export function useSecondsUntil(at: number | null): number | null {
	useNow(500);
	// Not the ticking time, which may be older than `at` itself.
	const now = Date.now();
	if (at === null || at <= now) return null;
	return Math.max(1, Math.ceil((at - now) / 1000));
}

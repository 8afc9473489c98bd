/** A form of the settings: what of it was changed, what is wrong with it, and sending it. */

import { useEffect, useRef, useState } from "preact/hooks";
import { HttpError } from "../../client/index.js";
import { type Faults, faultAt, faultsOf, NO_FAULTS } from "./faults.js";

/** The values are named as the server names them. */
export interface Form<T extends object> {
	readonly values: T;
	/** How many of them differ from what the server has. */
	readonly changed: number;
	readonly busy: boolean;
	readonly faults: Faults;
	set(over: Partial<T>): void;
	/** Back to what the server has. */
	discard(): void;
	/** True once the server has taken it; else the faults say why not. */
	send(): Promise<boolean>;
	/** What is wrong with a value, in a sentence that calls it by its label. */
	at(name: keyof T & string, label: string): string | null;
}

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/**
 * A form over `base`, which is what the server has. `save` is given what was changed, and all of it; it rejects with an
 * `HttpError`, and has brought `base` up to date when it is done. `unique` names the value that only one may have.
 */
export function useForm<T extends object>(
	base: T,
	save: (changed: Partial<T>, values: T) => Promise<void>,
	{ unique }: { readonly unique?: keyof T & string } = {},
): Form<T> {
	const [edits, setEdits] = useState<Partial<T>>({});
	const [busy, setBusy] = useState(false);
	const [faults, setFaults] = useState<Faults>(NO_FAULTS);
	const [refusals, setRefusals] = useState(0);
	const alive = useRef(true);
	useEffect(() => {
		alive.current = true;
		return () => {
			alive.current = false;
		};
	}, []);
	// Not whenever the faults change: whoever mends one is writing there.
	useEffect(() => {
		if (refusals > 0) focusFault();
	}, [refusals]);

	const values = { ...base, ...edits };
	const names = (Object.keys(edits) as (keyof T & string)[]).filter((name) => !same(edits[name], base[name]));

	return {
		values,
		changed: names.length,
		busy,
		faults,
		set(over) {
			setEdits((before) => ({ ...before, ...over }));
			setFaults((before) => {
				const own = Object.keys(over);
				const fields = before.fields.filter(({ field }) => !own.includes(field.split(/[.[]/, 1)[0] ?? ""));
				if (before.whole === null && fields.length === before.fields.length) return before;
				return fields.length === 0 ? NO_FAULTS : { fields, whole: null };
			});
		},
		discard() {
			setEdits({});
			setFaults(NO_FAULTS);
		},
		async send() {
			if (busy) return false;
			setBusy(true);
			const sent = edits;
			try {
				const changed = Object.fromEntries(names.map((name) => [name, edits[name]])) as Partial<T>;
				await save(changed, values);
			} catch (error) {
				if (!(error instanceof HttpError)) throw error;
				if (alive.current) {
					setFaults(faultsOf(error, Object.keys(base), unique));
					setRefusals((before) => before + 1);
				}
				return false;
			} finally {
				if (alive.current) setBusy(false);
			}
			if (alive.current) {
				setFaults(NO_FAULTS);
				// What was written while it was sent is still to be saved.
				setEdits((now) => {
					const left = Object.entries(now).filter(([name, value]) => value !== sent[name as keyof T]);
					return Object.fromEntries(left) as Partial<T>;
				});
			}
			return true;
		},
		at: (name, label) => faultAt(faults, name, label),
	};
}

/** Where the first thing is to be mended. */
function focusFault(): void {
	const within = document.querySelector("dialog[open]") ?? document;
	within.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
}

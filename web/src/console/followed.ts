import { useLayoutEffect, useState } from "preact/hooks";
import type { Observable } from "../client/index.js";

/** An observable's value, drawn anew whenever it changes. */
export function useFollowed<T>(observable: Observable<T>): T {
	const [value, setValue] = useState<T>(() => observable.get());
	useLayoutEffect(() => {
		setValue(() => observable.get());
		return observable.subscribe((next) => setValue(() => next));
	}, [observable]);
	return value;
}

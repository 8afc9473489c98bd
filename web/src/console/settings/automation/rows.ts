/** Lists of a form whose rows come, go and move: each keeps a key of its own, so that the fields stay the same ones. */

/** A row. */
export interface Row<T> {
	readonly key: number;
	readonly it: T;
}

/** The rows of what the server has. */
export const rowsOf = <T>(all: readonly T[] = []): readonly Row<T>[] => all.map((it, key) => ({ key, it }));

/** What is in the rows. */
export const itemsOf = <T>(rows: readonly Row<T>[]): T[] => rows.map(({ it }) => it);

/** With another one at the end. */
export const withRow = <T>(rows: readonly Row<T>[], it: T): readonly Row<T>[] => [
	...rows,
	{ key: Math.max(-1, ...rows.map(({ key }) => key)) + 1, it },
];

/** With another thing in one row. */
export const changedRow = <T>(rows: readonly Row<T>[], key: number, it: T): readonly Row<T>[] =>
	rows.map((row) => (row.key === key ? { key, it } : row));

/** With one moved by `by` places; the same where there is no such place. */
export function moved<T>(all: readonly T[], from: number, by: number): readonly T[] {
	const to = from + by;
	const one = all[from];
	if (one === undefined || to < 0 || to >= all.length) return all;
	const rest = all.toSpliced(from, 1);
	return rest.toSpliced(to, 0, one);
}

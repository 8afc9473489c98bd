import type { PartyKind, Seq } from "../protocol/types.js";
import type { SessionSnapshot } from "./api.js";

/** How far the other side got. */
export interface Reach {
	readonly delivered: Seq;
	readonly read: Seq;
}

/** How far `side` has been handed and has read the session; a team counts as whoever of it got furthest. */
export function reach(snapshot: Pick<SessionSnapshot, "receipts" | "summary">, side: PartyKind): Reach {
	const positions = snapshot.summary?.read;
	let read = (side === "customer" ? positions?.customer : positions?.team) ?? 0;
	let delivered = read;
	for (const receipt of snapshot.receipts) {
		if (receipt.who.kind !== side) continue;
		read = Math.max(read, receipt.seq);
		delivered = Math.max(delivered, receipt.delivered, receipt.seq);
	}
	return { delivered, read };
}

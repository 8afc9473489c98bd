import type { ServerFrame } from "../protocol/types.js";

const TYPES: ReadonlySet<string> = new Set<ServerFrame["type"]>([
	"welcome",
	"opened",
	"listed",
	"entry",
	"ack",
	"typing",
	"receipt",
	"presence",
	"session",
	"added",
	"removed",
	"views_changed",
	"queue",
	"queue_left",
	"offer",
	"offer_ended",
	"availability",
	"notification",
	"error",
	"pong",
	"bye",
]);

function isFrame(value: unknown): value is ServerFrame {
	return (
		typeof value === "object" &&
		value !== null &&
		"type" in value &&
		typeof value.type === "string" &&
		TYPES.has(value.type)
	);
}

/** A frame of the server; null for what this client does not know, which it has to ignore. */
export function parseFrame(data: unknown): ServerFrame | null {
	if (typeof data !== "string") return null;
	try {
		const value: unknown = JSON.parse(data);
		return isFrame(value) ? value : null;
	} catch {
		return null;
	}
}

import type { AgentId, Attachment, EntryId, Seq, SessionId } from "../protocol/types.js";
import type { OutboxStatus } from "./api.js";

/** What is kept of an unsent message. */
export interface Draft {
	readonly id: EntryId;
	readonly body: string;
	readonly note: boolean;
	readonly attachments: readonly Attachment[];
	readonly mentions?: readonly AgentId[] | undefined;
	/** What it knows of, of the session that it was written in. */
	readonly after?: Seq | undefined;
	readonly writtenAt: number;
	/** A refusal outlives the page: what failed is not sent behind its writer's back. */
	readonly failed?: Extract<OutboxStatus, { state: "failed" }> | undefined;
}

/** Keys sort by the time of writing. */
export function draftKey(owner: string, session: SessionId, draft: Draft): string {
	return `${prefixOf(owner)}${session}/${String(draft.writtenAt).padStart(15, "0")}/${draft.id}`;
}

export function prefixOf(owner: string): string {
	return `${encodeURIComponent(owner)}/`;
}

export function writeDraft(draft: Draft): string {
	return JSON.stringify(draft);
}

export interface KeptDraft {
	readonly session: SessionId;
	readonly draft: Draft;
}

/** Null for what some other version wrote. */
export function readDraft(key: string, value: string): KeptDraft | null {
	const session = key.split("/")[1];
	if (session === undefined) return null;
	try {
		const draft: unknown = JSON.parse(value);
		return isDraft(draft) ? { session, draft } : null;
	} catch {
		return null;
	}
}

function isDraft(value: unknown): value is Draft {
	if (typeof value !== "object" || value === null) return false;
	const draft = value as Record<keyof Draft, unknown>;
	return (
		typeof draft.id === "string" &&
		typeof draft.body === "string" &&
		typeof draft.note === "boolean" &&
		Array.isArray(draft.attachments) &&
		typeof draft.writtenAt === "number"
	);
}

/** The files of what is being written in a chat, and those of what was said. */
import { signal } from "@preact/signals";
import type { Client } from "../../client/index.js";
import { Uploads } from "../../client/uploads.js";
import type {
	AttachCanned,
	AttachedCanned,
	Attachment,
	CannedId,
	Entry,
	Page,
	SessionId,
	UploadLimits,
} from "../../protocol/types.js";
import type { Drafts } from "../drafts.js";
import { takenBy, uploadWords } from "./file-words.js";

export interface ChatFiles {
	/** The files of what is being written. */
	readonly uploads: Uploads;
	/** Asks what files are taken, once. */
	askLimits(): Promise<void>;
	/** Takes the files of a canned answer into what is being written. */
	attachCanned(answer: CannedId, files: number): Promise<void>;
	/** A message's files, with addresses that hold. */
	filesOf(entry: Entry): Promise<readonly Attachment[]>;
}

/** Those of a chat; `site` is its site's key, once it is known. */
export function chatFiles(
	client: Client,
	id: SessionId,
	drafts: Drafts,
	site: () => string | undefined,
): ChatFiles {
	const path = `/sessions/${encodeURIComponent(id)}`;
	const limits = signal<UploadLimits | null>(null);
	const uploads = new Uploads({
		baseUrl: "",
		path: () => `${path}/attachments`,
		limits: () => limits.value,
		words: uploadWords,
		kept: drafts.get(`${id}.files`),
		keep: (tray) => drafts.set(`${id}.files`, tray),
	});
	return {
		uploads,
		askLimits: async () => {
			limits.value ??= await takenBy(client, site());
		},
		async attachCanned(answer, files) {
			const most = limits.value?.max_files;
			if (most !== undefined && uploads.items.get().length + files > most) {
				uploads.trouble.set(uploadWords.tooMany(most));
				return;
			}
			const ask: AttachCanned = { session_id: id };
			const { attachments } = await client.http.post<AttachedCanned>(`/canned/${answer}/attach`, ask);
			uploads.putBack(attachments);
		},
		async filesOf(entry) {
			const page = await client.http.get<Page<Entry>>(`${path}/entries?after=${entry.seq - 1}&limit=1`);
			return page.items.find((item) => item.id === entry.id)?.attachments ?? [];
		},
	};
}

/** What the console says of files, and what is taken. */
import type { Client } from "../../client/index.js";
import type { UploadWords } from "../../client/uploads.js";
import type { SiteConfig, UploadLimits } from "../../protocol/types.js";
import type { FileWords } from "../../ui/files.js";
import type { TrayWords } from "../../ui/tray.js";

export const uploadWords: UploadWords = {
	tooLarge: (name, limit) => `${name} is larger than ${limit}, the most that is taken.`,
	tooMany: (limit) => `At most ${limit} files in one message.`,
	empty: (name) => `${name} is empty.`,
	lost: (name) => `${name} did not get through.`,
	refused: (name, why) => `${name} ${why}.`,
	cutOff: (names) => `Not uploaded, as the chat was left: ${names.join(", ")}.`,
	gone: (name) => `${name} is not there any more. Attach it again.`,
};

export const fileWords: FileWords = {
	attach: "Attach files",
	open: (name, size) => `Open ${name}, ${size}`,
};

export const trayWords: TrayWords = {
	files: "Files of this message",
	retry: "Try again",
	cancel: (name) => `Stop uploading ${name}`,
	remove: (name) => `Remove ${name}`,
	uploading: (name) => `Uploading ${name}`,
	uploaded: (name) => `${name} is uploaded.`,
};

/** What a site takes; null where that cannot be learnt: then the server says what it does not. */
export async function takenBy(client: Client, site: string | undefined): Promise<UploadLimits | null> {
	if (site === undefined) return null;
	try {
		return (await client.http.get<SiteConfig>(`/sites/${encodeURIComponent(site)}`)).uploads;
	} catch {
		return null;
	}
}

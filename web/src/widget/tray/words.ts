/** What the widget says of files on their way. */
import type { UploadWords } from "../../client/uploads.js";
import type { TrayWords } from "../../ui/tray.js";

export const uploadWords: UploadWords = {
	tooLarge: (name, limit) => `${name} is larger than ${limit}, the most that is taken.`,
	tooMany: (limit) => `At most ${limit === 1 ? "1 file" : `${limit.toLocaleString()} files`} in one message.`,
	empty: (name) => `${name} is empty.`,
	lost: (name) => `${name} did not get through.`,
	refused: (name, why) => `${name} ${why}.`,
	cutOff: (names) => `Not uploaded, as the page was left: ${names.join(", ")}.`,
	gone: (name) => `${name} is not there any more. Attach it again.`,
};

export const trayWords: TrayWords = {
	files: "Files of this message",
	retry: "Try again",
	cancel: (name) => `Stop uploading ${name}`,
	remove: (name) => `Remove ${name}`,
	uploading: (name) => `Uploading ${name}`,
	uploaded: (name) => `${name} is uploaded.`,
};

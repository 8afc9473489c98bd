/** What is needed for files on their way: loaded by the widget when there are some. */
import { type UploadOptions, Uploads } from "../../client/uploads.js";
import styles from "../../ui/tray.css?inline";
import { trayWords, uploadWords } from "./words.js";

export { Tray } from "../../ui/tray.js";
export { use } from "./preact.js";
export { styles, trayWords };

export const openUploads = (options: Omit<UploadOptions, "words">): Uploads =>
	new Uploads({ ...options, words: uploadWords });

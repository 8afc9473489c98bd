import { Uploads } from "../../../client/uploads.js";
import type { CannedAnswer } from "../../../protocol/types.js";
import { AttachButton } from "../../../ui/files.js";
import { Tray } from "../../../ui/tray.js";
import { useFollowed } from "../../followed.js";
import { fileWords, trayWords, uploadWords } from "../../thread/file-words.js";
import { FieldNotes } from "../fields.js";

const TRAY_WORDS = { ...trayWords, files: "Files of this answer" };
const BUTTON_WORDS = { ...fileWords, attach: "Add files" };

/** The files of an answer; of a new one they wait until `place` is known. */
export function filesOf(answer: CannedAnswer | null, place: () => string | undefined): Uploads {
	return new Uploads({
		baseUrl: "",
		path: () => {
			const id = place();
			return id === undefined ? null : `/canned/${id}/attachments`;
		},
		limits: () => null,
		files: answer?.attachments ?? [],
		words: { ...uploadWords, stays: (name) => `${name} could not be removed. Try again.` },
	});
}

/** What comes along into the message. Of an answer that is there, files come and go at once. */
export function FilesField({ uploads }: { uploads: Uploads }) {
	const items = useFollowed(uploads.items);
	const trouble = useFollowed(uploads.trouble);
	const add = (files: readonly File[]) => uploads.add(files);
	return (
		<div class="form-field">
			<span class="form-label">
				Files<span class="optional">Optional</span>
			</span>
			<div class="form-control canned-files">
				<Tray uploads={uploads} items={items} trouble={trouble} words={TRAY_WORDS} />
				<AttachButton words={BUTTON_WORDS} endings={[]} class="button outline" spelled add={add} />
				<FieldNotes
					id="canned-files"
					help="They come along into the message. Whoever sends it can take one out."
					error={null}
				/>
			</div>
		</div>
	);
}

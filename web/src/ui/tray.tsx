/** The tray: files on their way into a message. */
import { useEffect, useRef, useState } from "preact/hooks";
import { sizeWords } from "../client/size-words.js";
import type { Upload, Uploads } from "../client/uploads.js";
import { AlertIcon, CloseIcon, FileIcon } from "./icons.js";

export interface TrayWords {
	readonly files: string;
	readonly retry: string;
	cancel(name: string): string;
	remove(name: string): string;
	uploading(name: string): string;
	uploaded(name: string): string;
}

/** What goes with the message that is being written. */
export function Tray(props: {
	readonly uploads: Uploads;
	readonly items: readonly Upload[];
	readonly trouble: string | null;
	readonly words: TrayWords;
}) {
	const { uploads, items, trouble, words } = props;
	const [said, setSaid] = useState("");
	const known = useRef(new Map<string, Upload["state"]>());
	useEffect(() => {
		// Of each file one sentence when it is there, and one when it is not.
		for (const { key, name, state, trouble } of items) {
			if (known.current.get(key) === state) continue;
			known.current.set(key, state);
			if (state === "done") setSaid(words.uploaded(name));
			if (state === "failed" && trouble) setSaid(trouble);
		}
	}, [items, words]);
	if (items.length === 0 && trouble === null) return null;
	return (
		<div class="uploads">
			{items.length > 0 && (
				<ul class="upload-list" aria-label={words.files}>
					{items.map((upload) => (
						<UploadLine key={upload.key} upload={upload} uploads={uploads} words={words} />
					))}
				</ul>
			)}
			{trouble !== null && (
				<p class="upload-trouble" role="alert">
					<AlertIcon size={16} />
					<span>{trouble}</span>
				</p>
			)}
			<p class="unseen" role="status">
				{said}
			</p>
		</div>
	);
}

function UploadLine({ upload, uploads, words }: { upload: Upload; uploads: Uploads; words: TrayWords }) {
	const { key, name, size, state, progress, file, trouble, retryable } = upload;
	const failed = state === "failed";
	const [hidden, setHidden] = useState(false);
	const picture = hidden ? undefined : file?.thumbnail_url;
	return (
		<li class={failed ? "upload upload-failed" : "upload"}>
			{picture ? (
				<img
					class="upload-picture"
					src={uploads.baseUrl + picture}
					alt=""
					width={32}
					height={32}
					onError={() => setHidden(true)}
				/>
			) : failed ? (
				<AlertIcon size={16} />
			) : (
				<FileIcon size={16} />
			)}
			<div class="upload-what">
				<p class="upload-name">
					<bdi>{name}</bdi>
					<span class="upload-size"> {sizeWords(size)}</span>
				</p>
				{failed && <p class="upload-why">{trouble}</p>}
				{(state === "uploading" || state === "waiting") && (
					<progress class="upload-progress" aria-label={words.uploading(name)} max={1} value={progress} />
				)}
			</div>
			{failed && retryable && (
				<button type="button" class="link-button upload-retry" onClick={() => uploads.retry(key)}>
					{words.retry}
				</button>
			)}
			<button
				type="button"
				class="upload-cancel"
				aria-label={state === "done" || failed ? words.remove(name) : words.cancel(name)}
				onClick={() => uploads.cancel(key)}
			>
				<CloseIcon size={16} />
			</button>
		</li>
	);
}

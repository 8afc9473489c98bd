/** Files, on their way into a message and in it. */
import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { sizeWords, type Upload, type Uploads } from "../client/uploads.js";
import type { Attachment } from "../protocol/types.js";
import { AlertIcon, CloseIcon, FileIcon, PaperclipIcon } from "./icons.js";

/** Of a small picture in a message. */
const SHOWN_PX = 240;

export interface FileWords {
	readonly attach: string;
	readonly files: string;
	readonly retry: string;
	cancel(name: string): string;
	remove(name: string): string;
	uploading(name: string): string;
	uploaded(name: string): string;
	open(name: string, size: string): string;
}

/** Opens the system's own picker. */
export function AttachButton(props: {
	readonly uploads: Uploads;
	readonly words: FileWords;
	readonly endings: readonly string[];
	readonly class: string;
}) {
	const { uploads, words, endings } = props;
	const picker = useRef<HTMLInputElement>(null);
	return (
		<>
			<input
				ref={picker}
				type="file"
				multiple
				hidden
				accept={endings.join(",")}
				onChange={(event) => {
					const { files } = event.currentTarget;
					uploads.add([...(files ?? [])]);
					// The same file may be chosen again.
					event.currentTarget.value = "";
				}}
			/>
			<button
				type="button"
				class={props.class}
				aria-label={words.attach}
				title={words.attach}
				onClick={() => picker.current?.click()}
			>
				<PaperclipIcon />
			</button>
		</>
	);
}

/** Files from the clipboard; not those that come beside a text, as a table's picture does. */
export function pasted(event: ClipboardEvent, uploads: Uploads): void {
	const data = event.clipboardData;
	if (!data || data.files.length === 0 || data.types.includes("text/plain")) return;
	event.preventDefault();
	uploads.add([...data.files]);
}

/** Takes files that are dropped on an element; true while some are held above it. */
export function useDrop(target: RefObject<HTMLElement | null>, uploads: Uploads | null): boolean {
	const [over, setOver] = useState(false);
	useEffect(() => {
		const element = target.current;
		if (element === null || uploads === null) return;
		// Elements within it are entered before others are left.
		let depth = 0;
		const holds = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") ?? false;
		const enter = (event: DragEvent): void => {
			if (!holds(event)) return;
			event.preventDefault();
			depth += 1;
			setOver(true);
		};
		const leave = (event: DragEvent): void => {
			if (!holds(event)) return;
			depth = Math.max(0, depth - 1);
			if (depth === 0) setOver(false);
		};
		const hold = (event: DragEvent): void => {
			if (holds(event)) event.preventDefault();
		};
		const drop = (event: DragEvent): void => {
			depth = 0;
			setOver(false);
			if (!holds(event)) return;
			event.preventDefault();
			uploads.add([...(event.dataTransfer?.files ?? [])]);
		};
		const events = { dragenter: enter, dragleave: leave, dragover: hold, drop } as const;
		for (const [name, listener] of Object.entries(events)) {
			element.addEventListener(name, listener as EventListener);
		}
		return () => {
			for (const [name, listener] of Object.entries(events)) {
				element.removeEventListener(name, listener as EventListener);
			}
		};
	}, [target, uploads]);
	return over;
}

/** What goes with the message that is being written. */
export function UploadList(props: {
	readonly uploads: Uploads;
	readonly items: readonly Upload[];
	readonly trouble: string | null;
	readonly words: FileWords;
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

function UploadLine({ upload, uploads, words }: { upload: Upload; uploads: Uploads; words: FileWords }) {
	const { key, name, size, state, progress, trouble, retryable } = upload;
	const failed = state === "failed";
	return (
		<li class={failed ? "upload upload-failed" : "upload"}>
			{failed ? <AlertIcon size={16} /> : <FileIcon size={16} />}
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

export interface FilesProps {
	readonly files: readonly Attachment[];
	readonly baseUrl: string;
	readonly words: FileWords;
	/** Reads the entry anew, for addresses that hold. */
	refresh?(): Promise<readonly Attachment[]>;
}

/** The files of a message. */
export function Files({ files, baseUrl, words, refresh }: FilesProps) {
	const [fresh, setFresh] = useState<readonly Attachment[] | null>(null);
	const asked = useRef(false);
	useEffect(() => {
		setFresh(null);
		asked.current = false;
		// A new list of files is a new question.
		void files;
	}, [files]);
	const renew = async (): Promise<void> => {
		// Once: what is gone stays gone.
		if (asked.current || refresh === undefined) return;
		asked.current = true;
		try {
			setFresh(await refresh());
		} catch {
			asked.current = false;
		}
	};
	return (
		<>
			{(fresh ?? files).map((file) => (
				<FileView key={file.id} file={file} baseUrl={baseUrl} words={words} renew={renew} />
			))}
		</>
	);
}

interface FileViewProps {
	readonly file: Attachment;
	readonly baseUrl: string;
	readonly words: FileWords;
	renew(): Promise<void>;
}

function FileView({ file, baseUrl, words, renew }: FileViewProps) {
	const { name, size, url, thumbnail_url, width = 0, height = 0 } = file;
	const label = words.open(name, sizeWords(size));
	// Asked for before it is followed, so that a click need not wait.
	const look = (): void => {
		if (expires(url) < Date.now() + 60_000) void renew();
	};
	const link = {
		href: baseUrl + url,
		target: "_blank",
		rel: "noopener noreferrer",
		"aria-label": label,
		onPointerEnter: look,
		onFocus: look,
	};
	if (thumbnail_url !== undefined && width > 0 && height > 0) {
		const scale = Math.min(1, SHOWN_PX / Math.max(width, height));
		return (
			<a class="file-picture" {...link}>
				<img
					src={baseUrl + thumbnail_url}
					alt={name}
					width={Math.max(24, Math.round(width * scale))}
					height={Math.max(24, Math.round(height * scale))}
					loading="lazy"
					decoding="async"
					onError={() => void renew()}
				/>
			</a>
		);
	}
	return (
		<a class="file-line" {...link}>
			<FileIcon />
			<span class="file-what">
				<bdi class="file-name">{name}</bdi>
				<span class="file-size">{sizeWords(size)}</span>
			</span>
		</a>
	);
}

/** Until when an address holds. */
function expires(url: string): number {
	return Number(new URLSearchParams(url.split("?")[1] ?? "").get("expires") ?? Number.POSITIVE_INFINITY);
}

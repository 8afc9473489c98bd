/** Files, on their way into a message and in it. */
import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { sizeWords } from "../client/size-words.js";
import type { Attachment } from "../protocol/types.js";
import { FileIcon, PaperclipIcon } from "./icons.js";

/** Of a small picture in a message. */
const SHOWN_PX = 240;

export interface FileWords {
	readonly attach: string;
	open(name: string, size: string): string;
}

/** Opens the system's own picker. */
export function AttachButton(props: {
	readonly words: FileWords;
	readonly endings: readonly string[];
	readonly class: string;
	/** Says in words what it does, beside its sign. */
	readonly spelled?: boolean;
	add(files: readonly File[]): void;
}) {
	const { words, endings, add } = props;
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
					add([...(files ?? [])]);
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
				{props.spelled && words.attach}
			</button>
		</>
	);
}

/** Files from the clipboard; not those that come beside a text, as a table's picture does. */
export function pasted(event: ClipboardEvent, add: (files: readonly File[]) => void): void {
	const data = event.clipboardData;
	if (!data || data.files.length === 0 || data.types.includes("text/plain")) return;
	event.preventDefault();
	add([...data.files]);
}

/** Takes files that are dropped on an element; true while some are held above it. */
export function useDrop(
	target: RefObject<HTMLElement | null>,
	add: ((files: readonly File[]) => void) | null,
): boolean {
	const [over, setOver] = useState(false);
	const taker = useRef(add);
	taker.current = add;
	const takes = add !== null;
	useEffect(() => {
		const element = target.current;
		if (element === null || !takes) return;
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
			taker.current?.([...(event.dataTransfer?.files ?? [])]);
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
	}, [target, takes]);
	return over;
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
				{/* With a space between, as the label has it. */}
				<bdi class="file-name">{name}</bdi> <span class="file-size">{sizeWords(size)}</span>
			</span>
		</a>
	);
}

/** Until when an address holds. */
function expires(url: string): number {
	return Number(new URLSearchParams(url.split("?")[1] ?? "").get("expires") ?? Number.POSITIVE_INFINITY);
}

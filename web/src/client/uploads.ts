import type { Attachment, Problem, UploadLimits } from "../protocol/types.js";
import { Value } from "./observable.js";
import { sizeWords } from "./size-words.js";

/** Uploads at once: more only share the line. */
const AT_ONCE = 2;

/** A file on its way into the next message. */
export interface Upload {
	readonly key: string;
	readonly name: string;
	readonly size: number;
	readonly state: "waiting" | "uploading" | "done" | "failed";
	/** From 0 to 1. */
	readonly progress: number;
	/** What the server has of it. */
	readonly file: Attachment | null;
	/** Why it failed, as a sentence. */
	readonly trouble: string | null;
	/** The same file may be taken later. */
	readonly retryable: boolean;
}

/** What is said of files that are not taken. */
export interface UploadWords {
	tooLarge(name: string, limit: string): string;
	tooMany(limit: number): string;
	empty(name: string): string;
	lost(name: string): string;
	refused(name: string, why: string): string;
	/** The page was left while these were on their way. */
	cutOff(names: readonly string[]): string;
	/** The server has it no more. */
	gone(name: string): string;
	/** It could not be removed; where that is left out, whether it could does not matter. */
	stays?(name: string): string;
}

export interface UploadOptions {
	/** The server's origin; "" for the page's own. */
	readonly baseUrl: string;
	/** A customer's token; without it the login's cookie is used. */
	readonly token?: string | undefined;
	/** Where files are sent to, below the API; null while there is no such place yet: then they wait for `start`. */
	path(): string | null;
	/** Null while it is not known what is taken: the server says so then. */
	limits(): UploadLimits | null;
	readonly words: UploadWords;
	/** What is there already. */
	readonly files?: readonly Attachment[];
	/** What an earlier page left, as it was given to `keep`. */
	readonly kept?: string;
	/** Remembers the tray beyond the page; "": there is nothing to remember. */
	keep?(tray: string): void;
}

/** What of the tray outlives the page. */
interface Kept {
	readonly files: readonly Attachment[];
	/** What was on its way, and is lost. */
	readonly underWay: readonly string[];
}

interface Row {
	readonly upload: Upload;
	readonly source: File | null;
	readonly request: XMLHttpRequest | null;
}

/** The files of the message that is being written, each with how far it is. */
export class Uploads {
	readonly items: Value<readonly Upload[]>;
	/** What was not even begun, in words. */
	readonly trouble = new Value<string | null>(null);
	readonly #options: UploadOptions;
	#rows: readonly Row[];
	#count = 0;

	constructor(options: UploadOptions) {
		this.#options = options;
		const { files, underWay } = readKept(options.kept ?? "");
		this.#rows = [...(options.files ?? []), ...files].map((file) => this.#done(file));
		this.items = new Value<readonly Upload[]>(this.#rows.map(({ upload }) => upload));
		if (underWay.length > 0) this.trouble.set(options.words.cutOff(underWay));
		for (const file of files) void this.#look(file);
	}

	/** The server's origin; "" for the page's own. */
	get baseUrl(): string {
		return this.#options.baseUrl;
	}

	/** Some are on their way. */
	get busy(): boolean {
		return this.#rows.some(({ upload }) => upload.state === "waiting" || upload.state === "uploading");
	}

	get failed(): boolean {
		return this.#rows.some(({ upload }) => upload.state === "failed");
	}

	get empty(): boolean {
		return this.#rows.length === 0;
	}

	add(files: Iterable<File>): void {
		const { words } = this.#options;
		const limits = this.#options.limits();
		this.trouble.set(null);
		for (const source of files) {
			if (limits !== null && this.#rows.length >= limits.max_files) {
				this.trouble.set(words.tooMany(limits.max_files));
				break;
			}
			const { name, size } = source;
			const trouble =
				size === 0
					? words.empty(name)
					: limits !== null && size > limits.max_bytes
						? words.tooLarge(name, sizeWords(limits.max_bytes))
						: null;
			const upload: Upload = {
				key: this.#key(),
				name,
				size,
				state: trouble === null ? "waiting" : "failed",
				progress: 0,
				file: null,
				trouble,
				retryable: false,
			};
			this.#rows = [...this.#rows, { upload, source, request: null }];
		}
		this.#settle();
	}

	/** Stops it, or takes it back. */
	cancel(key: string): void {
		const row = this.#rows.find(({ upload }) => upload.key === key);
		if (row === undefined) return;
		this.#rows = this.#rows.filter((other) => other !== row);
		row.request?.abort();
		if (row.upload.file !== null) void this.#takeBack(row.upload.file);
		this.trouble.set(null);
		this.#settle();
	}

	/** Sends what waited for a place. */
	start(): void {
		this.#settle();
	}

	retry(key: string): void {
		this.#change(key, { state: "waiting", progress: 0, trouble: null, retryable: false });
	}

	/** Gives away what is uploaded, for a message. */
	take(): readonly Attachment[] {
		const files = this.#rows.flatMap(({ upload }) => upload.file ?? []);
		this.#rows = this.#rows.filter(({ upload }) => upload.file === null);
		this.trouble.set(null);
		this.#settle();
		return files;
	}

	/** Takes back what a message was not sent with. */
	putBack(files: readonly Attachment[]): void {
		this.#rows = [...this.#rows, ...files.map((file) => this.#done(file))];
		this.#settle();
	}

	/** Nobody looks any more. What is uploaded stays for the next one who does. */
	close(): void {
		for (const { request } of this.#rows) request?.abort();
	}

	#key(): string {
		this.#count += 1;
		return `file ${this.#count}`;
	}

	#done(file: Attachment): Row {
		const { name, size } = file;
		const state = "done";
		const upload: Upload = {
			key: this.#key(),
			name,
			size,
			state,
			progress: 1,
			file,
			trouble: null,
			retryable: false,
		};
		return { upload, source: null, request: null };
	}

	#change(key: string, change: Partial<Upload>, request?: XMLHttpRequest | null): void {
		this.#rows = this.#rows.map((row) =>
			row.upload.key === key
				? {
						...row,
						upload: { ...row.upload, ...change },
						request: request === undefined ? row.request : request,
					}
				: row,
		);
		this.#settle();
	}

	/** Begins what waits, and tells how things are. */
	#settle(): void {
		const under = this.#rows.filter(({ upload }) => upload.state === "uploading").length;
		const next = this.#rows.find(({ upload }) => upload.state === "waiting");
		const path = this.#options.path();
		if (next !== undefined && path !== null && under < AT_ONCE) {
			this.#begin(next, path);
			return;
		}
		this.items.set(this.#rows.map(({ upload }) => upload));
		this.#options.keep?.(this.#rows.length === 0 ? "" : JSON.stringify(this.#kept()));
	}

	#kept(): Kept {
		const underWay = this.#rows.filter(
			({ upload: { state } }) => state === "uploading" || state === "waiting",
		);
		return {
			files: this.#rows.flatMap(({ upload }) => upload.file ?? []),
			underWay: underWay.map(({ upload }) => upload.name),
		};
	}

	#begin({ upload: { key, name }, source }: Row, path: string): void {
		if (source === null) return;
		const { baseUrl, token, words } = this.#options;
		// Only this tells how far it is.
		const request = new XMLHttpRequest();
		request.open("POST", `${baseUrl}/api/v1${path}`);
		request.setRequestHeader("Accept", "application/json");
		if (token !== undefined) request.setRequestHeader("Authorization", `Bearer ${token}`);
		request.upload.onprogress = ({ loaded, total }) => {
			if (total > 0) this.#change(key, { progress: loaded / total });
		};
		const fail = (trouble: string, retryable: boolean): void =>
			this.#change(key, { state: "failed", trouble, retryable }, null);
		request.onerror = () => fail(words.lost(name), true);
		request.ontimeout = request.onerror;
		request.onload = () => {
			const answer = parse(request.responseText);
			if (request.status === 201 && answer !== null) {
				this.#change(key, { state: "done", progress: 1, file: answer as Attachment }, null);
				return;
			}
			const problem = answer as Partial<Problem> | null;
			const fault = problem?.errors?.find(({ field }) => field === "file");
			const retryable =
				request.status === 0 || request.status === 408 || request.status === 429 || request.status >= 500;
			if (fault) fail(words.refused(name, fault.message), false);
			else fail(problem?.detail ?? words.lost(name), retryable);
		};
		const form = new FormData();
		form.append("file", source, name);
		this.#change(key, { state: "uploading" }, request);
		request.send(form);
	}

	/** Of what is not sent it is thrown away anyway, if not now. */
	async #takeBack(file: Attachment): Promise<void> {
		const { words } = this.#options;
		const status = await this.#ask("DELETE", file);
		if (words.stays === undefined || (status >= 200 && status < 300) || status === 404) return;
		this.putBack([file]);
		this.trouble.set(words.stays(file.name));
	}

	/** Whether the server still has what an earlier page left. */
	async #look(file: Attachment): Promise<void> {
		if ((await this.#ask("HEAD", file)) !== 404) return;
		const row = this.#rows.find(({ upload }) => upload.file?.id === file.id);
		if (row === undefined) return;
		this.#rows = this.#rows.filter((other) => other !== row);
		this.#settle();
		this.trouble.set(this.#options.words.gone(file.name));
	}

	/** The answer's status; 0 when none came. */
	async #ask(method: "DELETE" | "HEAD", { id }: Attachment): Promise<number> {
		const { baseUrl, token } = this.#options;
		const headers: Record<string, string> = token === undefined ? {} : { Authorization: `Bearer ${token}` };
		const credentials = token === undefined ? "same-origin" : "omit";
		try {
			const url = `${baseUrl}/api/v1/attachments/${id}`;
			// Whoever removes a file and leaves has removed it.
			return (await fetch(url, { method, headers, credentials, keepalive: true })).status;
		} catch {
			return 0;
		}
	}
}

/** Nothing, of what some other version wrote. */
function readKept(text: string): Kept {
	const { files, underWay } = (parse(text) ?? {}) as Partial<Kept>;
	return {
		files: Array.isArray(files) ? files.filter((file) => typeof file?.id === "string") : [],
		underWay: Array.isArray(underWay) ? underWay : [],
	};
}

function parse(text: string): unknown {
	try {
		const value: unknown = JSON.parse(text);
		return typeof value === "object" ? value : null;
	} catch {
		return null;
	}
}

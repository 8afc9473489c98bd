import type { ErrorCode, FieldError, Problem } from "../protocol/types.js";
import type { Http, Platform } from "./api.js";
import { Timer } from "./timer.js";

/** A request that brought no good answer. */
export class HttpError extends Error {
	/** The HTTP status; 0 when no answer came. */
	readonly status: number;
	/** The stable word; null when the answer was not one of ours. */
	readonly code: ErrorCode | null;
	/** The fields at fault. */
	readonly errors: readonly FieldError[];
	/** How long the server asks us to wait. */
	readonly retryAfterMs: number | null;

	constructor(
		status: number,
		code: ErrorCode | null,
		detail: string,
		errors: readonly FieldError[] = [],
		retryAfterMs: number | null = null,
	) {
		super(detail);
		this.name = "HttpError";
		this.status = status;
		this.code = code;
		this.errors = errors;
		this.retryAfterMs = retryAfterMs;
	}

	/** The same request may succeed later. */
	get retryable(): boolean {
		return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
	}
}

export interface HttpOptions {
	readonly baseUrl: string;
	readonly token?: string | undefined;
	readonly platform: Pick<Platform, "fetch" | "after">;
}

export interface RequestOptions {
	readonly body?: unknown;
	readonly timeoutMs?: number;
	/** Ends the request early; it then rejects like one without an answer. */
	readonly signal?: AbortSignal;
}

const TIMEOUT_MS = 20_000;

/** `Http` with the knobs that only the transport needs. */
export interface HttpClient extends Http {
	request<T>(method: string, path: string, options?: RequestOptions): Promise<T>;
}

export function createHttp(options: HttpOptions): HttpClient {
	const request = <T>(method: string, path: string, more: RequestOptions = {}): Promise<T> =>
		send<T>(options, method, path, more);
	return {
		request,
		get: (path) => request("GET", path),
		post: (path, body) => request("POST", path, { body }),
		put: (path, body) => request("PUT", path, { body }),
		patch: (path, body) => request("PATCH", path, { body }),
		delete: (path, body) => request("DELETE", path, { body }),
	};
}

async function send<T>(options: HttpOptions, method: string, path: string, more: RequestOptions): Promise<T> {
	const abort = new AbortController();
	const giveUp = (): void => abort.abort();
	const timer = new Timer(options.platform);
	timer.set(more.timeoutMs ?? TIMEOUT_MS, giveUp);
	if (more.signal?.aborted) giveUp();
	more.signal?.addEventListener("abort", giveUp);
	try {
		const headers: Record<string, string> = { Accept: "application/json" };
		if (options.token !== undefined) headers.Authorization = `Bearer ${options.token}`;
		// A file goes as it is.
		const file = more.body instanceof Blob ? more.body : null;
		if (more.body !== undefined) headers["Content-Type"] = file?.type ?? "application/json";
		const response = await options.platform.fetch(`${options.baseUrl}/api/v1${path}`, {
			method,
			headers,
			// A customer's page is another origin: no cookie of ours may travel from it.
			credentials: options.token === undefined ? "same-origin" : "omit",
			cache: "no-store",
			signal: abort.signal,
			...(more.body === undefined ? {} : { body: file ?? JSON.stringify(more.body) }),
		});
		const text = await response.text();
		if (!response.ok) throw refusal(response, text);
		return (text === "" ? undefined : JSON.parse(text)) as T;
	} catch (error) {
		if (error instanceof HttpError) throw error;
		throw new HttpError(0, null, "The server did not answer.");
	} finally {
		timer.clear();
		more.signal?.removeEventListener("abort", giveUp);
	}
}

function refusal(response: Response, text: string): HttpError {
	let problem: Partial<Problem> = {};
	try {
		const parsed: unknown = JSON.parse(text);
		if (typeof parsed === "object" && parsed !== null) problem = parsed;
	} catch {
		// A proxy's page, not a problem of ours: its status has to do.
	}
	const seconds = Number(response.headers.get("Retry-After"));
	return new HttpError(
		response.status,
		problem.code ?? null,
		problem.detail ?? `The server answered ${response.status}.`,
		problem.errors ?? [],
		seconds > 0 ? seconds * 1000 : null,
	);
}

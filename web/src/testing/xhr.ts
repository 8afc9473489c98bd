import { vi } from "vitest";
import type { Attachment, Problem } from "../protocol/types.js";

/** An upload that somebody begins; the test is its server. */
export class FakeRequest {
	readonly upload: { onprogress: ((event: { loaded: number; total: number }) => void) | null } = {
		onprogress: null,
	};
	onload: (() => void) | null = null;
	onerror: (() => void) | null = null;
	ontimeout: (() => void) | null = null;
	status = 0;
	responseText = "";
	url = "";
	readonly headers: Record<string, string> = {};
	file: File | null = null;
	aborted = false;

	open(_method: string, url: string): void {
		this.url = url;
	}

	setRequestHeader(name: string, value: string): void {
		this.headers[name] = value;
	}

	send(form: FormData): void {
		this.file = form.get("file") as File;
	}

	abort(): void {
		this.aborted = true;
	}

	/** So much of it has arrived. */
	arrives(part: number): void {
		this.upload.onprogress?.({ loaded: part * 100, total: 100 });
	}

	taken(file: Attachment): void {
		this.answers(201, file);
	}

	refused(status: number, problem: Partial<Problem>): void {
		this.answers(status, problem);
	}

	answers(status: number, body: unknown): void {
		this.status = status;
		this.responseText = typeof body === "string" ? body : JSON.stringify(body);
		this.onload?.();
	}

	breaks(): void {
		this.onerror?.();
	}
}

/** What is uploaded and asked for from now on, in its order. */
export function fakeNetwork() {
	const uploads: FakeRequest[] = [];
	const asked: { readonly method: string; readonly url: string; readonly headers: unknown }[] = [];
	/** What is answered to what is no upload. */
	const answers = { status: 204, unreachable: false };
	vi.stubGlobal(
		"XMLHttpRequest",
		class extends FakeRequest {
			constructor() {
				super();
				uploads.push(this);
			}
		},
	);
	vi.stubGlobal("fetch", async (url: string, { method, headers }: RequestInit) => {
		asked.push({ method: method ?? "GET", url, headers });
		if (answers.unreachable) throw new TypeError("network");
		return new Response(null, { status: answers.status });
	});
	return { uploads, asked, answers };
}

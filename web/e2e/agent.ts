/** A member of the team, by what is on their screen. */
import type { BrowserContext, Locator, Page } from "playwright-core";
import type { Entry, Page as ListPage, SessionSummary, ViewName } from "../src/protocol/types.js";
import type { Login } from "./server.js";

const VIEW_NAMES: Readonly<Record<ViewName, string>> = {
	waiting: "Waiting",
	mine: "Mine",
	unassigned: "Unassigned",
	snoozed: "Put aside",
	mentions: "Mentions",
	all: "All",
};

export class Agent {
	readonly page: Page;
	readonly url: string;
	readonly field: Locator;
	readonly log: Locator;
	readonly head: Locator;
	readonly list: Locator;
	readonly above: Locator;

	constructor(page: Page, url: string) {
		this.page = page;
		this.url = url;
		this.field = page.getByRole("textbox", { name: "Write a reply" });
		this.log = page.getByRole("log");
		this.head = page.locator(".thread-head");
		this.list = page.locator(".list");
		this.above = page.locator(".above");
	}

	/** Without the form, which has a test of its own. */
	static async signIn(context: BrowserContext, url: string, { email, password }: Login): Promise<void> {
		const answer = await context.request.post(`${url}/api/v1/auth/login`, { data: { email, password } });
		if (!answer.ok()) throw new Error(`sign in: ${answer.status()} ${await answer.text()}`);
	}

	async view(view: ViewName): Promise<void> {
		const link = this.page.getByRole("link", { name: VIEW_NAMES[view] }).filter({ visible: true });
		// A narrow page has no room for all of them.
		const others = this.page.getByRole("button", { name: "Views", exact: true }).filter({ visible: true });
		await link.or(others).first().waitFor();
		if (!(await link.isVisible())) await others.click();
		await link.click();
		await this.list.getByRole("heading", { name: VIEW_NAMES[view] }).waitFor();
	}

	row(text: string): Locator {
		return this.list.getByRole("option").filter({ hasText: text });
	}

	/** Opens a chat from the list of all. */
	async openChat(name: string, view: ViewName = "all"): Promise<void> {
		await this.view(view);
		await this.row(name).click();
		await this.field.waitFor();
	}

	async take(): Promise<void> {
		await this.head.getByRole("button", { name: "Take" }).click();
		await this.head.getByText("Yours").waitFor();
	}

	async send(text: string): Promise<void> {
		await this.field.fill(text);
		await this.field.press("Enter");
	}

	bubble(text: string): Locator {
		return this.log.locator(".bubble").getByText(text, { exact: true });
	}

	/** What the thread shows, from top to bottom. */
	async said(): Promise<readonly string[]> {
		return await this.log.locator(".bubble").allTextContents();
	}

	mark(words: string | RegExp): Locator {
		return this.log.locator(".delivery").getByText(words);
	}

	/** The session of the chat that is open. */
	get session(): string {
		const id = /\/console\/sessions\/([^/?]+)/.exec(this.page.url())?.[1];
		if (id === undefined) throw new Error(`no chat at ${this.page.url()}`);
		return id;
	}

	/** What the store has, whatever any page shows. */
	async stored(session = this.session): Promise<readonly Entry[]> {
		return (await this.#get<ListPage<Entry>>(`/sessions/${session}/entries?limit=200`)).items;
	}

	/** The messages of it, in their order. */
	async storedMessages(session = this.session): Promise<readonly string[]> {
		return (await this.stored(session)).filter(({ kind }) => kind === "message").map(({ body }) => body);
	}

	async summary(session = this.session): Promise<SessionSummary> {
		return await this.#get<SessionSummary>(`/sessions/${session}`);
	}

	async #get<T>(path: string): Promise<T> {
		const answer = await this.page.request.get(`${this.url}/api/v1${path}`);
		if (!answer.ok()) throw new Error(`${path}: ${answer.status()} ${await answer.text()}`);
		return (await answer.json()) as T;
	}
}

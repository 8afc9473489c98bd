/** A customer, by what is on their screen. */
import type { Locator, Page } from "playwright-core";

export interface Details {
	readonly name?: string;
	readonly phone?: string;
	readonly message?: string;
}

export class Customer {
	readonly page: Page;
	/** The widget's element; everything of ours is in its shadow. */
	readonly widget: Locator;
	readonly launcher: Locator;
	readonly panel: Locator;
	readonly field: Locator;
	readonly log: Locator;
	readonly bar: Locator;

	constructor(page: Page) {
		this.page = page;
		this.widget = page.locator("hubbub-chat");
		this.launcher = this.widget.locator(".launcher");
		this.panel = this.widget.getByRole("dialog");
		this.field = this.widget.getByRole("textbox", { name: "Write a message" });
		this.log = this.widget.getByRole("log");
		this.bar = this.panel.locator(".bar");
	}

	async open(): Promise<void> {
		// A tab behind another one is drawn seldom.
		await this.page.bringToFront();
		await this.launcher.click();
		await this.panel.waitFor();
	}

	/** By the button that the size of the screen offers. */
	async close(): Promise<void> {
		await this.page.bringToFront();
		await this.panel
			.getByRole("button", { name: /^(Close chat|Back to the shop)$/ })
			.first()
			.click();
		await this.panel.waitFor({ state: "hidden" });
	}

	async fill({ name = "Phương Anh", phone = "+84 91 234 5678", message }: Details = {}): Promise<void> {
		await this.panel.getByLabel("Your name").fill(name);
		await this.panel.getByRole("textbox", { name: "Phone" }).fill(phone);
		if (message !== undefined) await this.panel.getByLabel("Message").fill(message);
	}

	/** Opens the panel, fills in the form, and begins a chat. */
	async start(details?: Details): Promise<void> {
		await this.open();
		await this.fill(details);
		await this.begin();
	}

	/** Sends the form that is filled in. */
	async begin(): Promise<void> {
		await this.panel.getByRole("button", { name: "Start chat" }).click();
		await this.field.waitFor();
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
		return await this.log.locator(".bubble:not(.bubble-typing)").allTextContents();
	}

	/** The mark under the last own message. */
	mark(words: string | RegExp): Locator {
		return this.log.locator(".delivery").getByText(words);
	}

	get typing(): Locator {
		return this.log.getByText(/ is writing$/);
	}

	/** The token of the chat, as this browser keeps it. */
	async stored(site = "demo"): Promise<{ token: string; session: string }> {
		const text = await this.page.evaluate((key) => localStorage.getItem(key), `hubbub:${site}`);
		if (text === null) throw new Error("no chat is stored");
		return JSON.parse(text);
	}

	/** How many messages this browser keeps until they are sent. */
	async waiting(): Promise<number> {
		return await this.page.evaluate(
			() =>
				new Promise<number>((resolve, reject) => {
					const opening = indexedDB.open("hubbub");
					opening.onerror = () => reject(opening.error);
					opening.onsuccess = () => {
						const database = opening.result;
						const counting = database.transaction("pairs").objectStore("pairs").count();
						counting.onerror = () => reject(counting.error);
						counting.onsuccess = () => {
							database.close();
							resolve(counting.result);
						};
					};
				}),
		);
	}
}

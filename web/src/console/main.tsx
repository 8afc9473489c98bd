import "../ui/tokens.css";
import "../ui/marks.css";
import "../ui/files.css";
import "../ui/tray.css";
import "./styles/base.css";
import "./styles/entrance.css";
import "./styles/desk.css";
import "./styles/rail.css";
import "./styles/team.css";
import "./styles/list.css";
import "./styles/search.css";
import "./styles/thread.css";
import "./styles/composer.css";
import "./styles/side.css";
import "./styles/ticket.css";
import "./styles/merged.css";
import "./styles/bulk.css";
import "./styles/dialog.css";
import "./styles/said.css";

import { effect, signal, untracked } from "@preact/signals";
import { render } from "preact";
import { browserPlatform, createClient, createHttp, openLists } from "../client/index.js";
import { App } from "./app.js";
import { type Desk, openDesk } from "./desk/desk.js";
import { createDrafts, tabStorage } from "./drafts.js";
import { createAccount } from "./entrance/account.js";
import { createRouter } from "./router.js";

const platform = browserPlatform();
const account = createAccount(createHttp({ baseUrl: "", platform }));
const router = createRouter(window);
const desk = signal<Desk | null>(null);

effect(() => {
	const state = account.state.value;
	untracked(() => {
		const before = desk.value;
		if (state.phase !== "in") {
			before?.close();
			before?.client.stop();
			desk.value = null;
			return;
		}
		if (before) return;
		const { you } = state.me;
		const client = createClient({
			baseUrl: "",
			owner: you.id,
			platform,
			lists: openLists,
			clientName: "console",
		});
		const drafts = createDrafts(you.id, tabStorage());
		desk.value = openDesk({ client, me: you, router, drafts, onLost: () => account.lost() });
		client.start();
	});
});

const place = document.getElementById("app");
if (place) render(<App account={account} desk={desk} />, place);
// A link's secret stands behind its `#`, and must not stay in the address.
const secret = location.pathname === "/console/welcome" ? location.hash.slice(1) : "";
if (secret) {
	history.replaceState(null, "", "/console");
	void account.openLink(secret);
} else void account.check();

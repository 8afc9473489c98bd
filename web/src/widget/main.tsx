/** The widget itself: loaded by the embed's script when somebody opens the chat, or has one. */
import { render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { jsx, jsxs } from "preact/jsx-runtime";
import { browserPlatform } from "../client/browser.js";
import files from "../ui/files.css?inline";
import marks from "../ui/marks.css?inline";
import type { LoadTray, TrayModule } from "./attaching.js";
import type { App, Boot } from "./boot.js";
import { Model } from "./model.js";
import { reportPages } from "./page-report.js";
import composer from "./styles/composer.css?inline";
import form from "./styles/form.css?inline";
import panel from "./styles/panel.css?inline";
import preview from "./styles/preview.css?inline";
import said from "./styles/said.css?inline";
import thread from "./styles/thread.css?inline";
import { addStyles } from "./styles.js";
import { Widget } from "./widget.js";

export function mount(boot: Boot): App {
	const { host, root, launcher } = boot;
	addStyles(root, marks, files, panel, form, thread, said, composer, preview);
	const tray: LoadTray = async (failures) => {
		// A browser may keep that it did not come, so the next try has another address.
		const again = failures === 0 ? "" : `?${failures}`;
		const url = `${boot.baseUrl}${__HUBBUB_TRAY__}${again}`;
		const module: TrayModule = await import(/* @vite-ignore */ url);
		module.use({ jsx, jsxs, useEffect, useRef, useState });
		addStyles(root, module.styles);
		return module;
	};
	const model = new Model({ ...boot, platform: browserPlatform(), tray });
	const mount = document.createElement("div");
	// Before the launcher, as on the screen.
	root.prepend(mount);
	const close = (): void => {
		if (!model.open.get()) return;
		model.setOpen(false);
		launcher.setOpen(false);
		launcher.focus();
	};
	model.unread.subscribe((count) => launcher.setUnread(count));
	launcher.setUnread(model.unread.get());
	const open = (): void => {
		launcher.setOpen(true);
		model.setOpen(true);
	};
	render(<Widget model={model} host={host} open={open} close={close} />, mount);
	if (host.dataset.pages !== "off") reportPages(model);
	return { open, close };
}

// Builds everything that the server embeds into dist/:
//
//   widget.js                     the script of the embed: small, classic, never changes its name
//   assets/widget-[hash].js       the widget itself, loaded by it
//   assets/tray-[hash].js         what the widget needs for files on their way, loaded with the first
//   console/index.html            the agents' console
//   demo/index.html               the shop page
//   docs/index.html               the API, to be read
//   assets/[name]-[hash].{js,css,svg}
//
// Four passes, because the embed must know the hashed name of the widget, and the widget that of the tray, and because they
// must stand alone: a chunk shared with the console would make every visitor load it.

import { rename, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const root = fileURLToPath(new URL("src", import.meta.url));
const dist = fileURLToPath(new URL("dist", import.meta.url));
// Built aside and moved over at the end: a build that fails leaves the last good one.
const outDir = fileURLToPath(new URL("node_modules/.cache/dist", import.meta.url));

/** @param {string} file */
const source = (file) => `${root}/${file}`;

/** @type {import("vite").InlineConfig} */
const shared = { root, base: "/", configFile: false, publicDir: false, logLevel: "warn" };

/** @type {import("vite").BuildOptions} */
const output = {
	outDir,
	emptyOutDir: false,
	sourcemap: false,
	// Our pages' policy forbids data: scripts and styles, and a cached file is better than an inlined one.
	assetsInlineLimit: 0,
	modulePreload: { polyfill: false },
	reportCompressedSize: false,
};

/** @param {Awaited<ReturnType<typeof build>>} result */
function entryFile(result) {
	const outputs = Array.isArray(result) ? result : [result];
	for (const one of outputs) {
		if (!("output" in one)) continue;
		const chunks = one.output.filter((file) => file.type === "chunk");
		if (chunks.length === 1 && chunks[0]) return chunks[0].fileName;
	}
	throw new Error("it must be exactly one file");
}

await rm(outDir, { recursive: true, force: true });

const ownPreact = source("widget/tray/preact.ts");
const tray = await build({
	...shared,
	resolve: { alias: { "preact/hooks": ownPreact, "preact/jsx-runtime": ownPreact } },
	build: {
		...output,
		rolldownOptions: {
			input: { tray: source("widget/tray/main.ts") },
			preserveEntrySignatures: "strict",
			output: { entryFileNames: "assets/[name]-[hash].js", codeSplitting: false },
		},
	},
});

const widget = await build({
	...shared,
	define: { __HUBBUB_TRAY__: JSON.stringify(`/${entryFile(tray)}`) },
	build: {
		...output,
		rolldownOptions: {
			input: { widget: source("widget/main.tsx") },
			// Its exports are what the embed calls.
			preserveEntrySignatures: "strict",
			output: { entryFileNames: "assets/[name]-[hash].js", codeSplitting: false },
		},
	},
});

await build({
	...shared,
	define: { __HUBBUB_APP__: JSON.stringify(`/${entryFile(widget)}`) },
	build: {
		...output,
		lib: {
			entry: source("widget/loader.ts"),
			formats: ["iife"],
			name: "Hubbub",
			fileName: () => "widget.js",
		},
	},
});

await build({
	...shared,
	build: {
		...output,
		rolldownOptions: {
			input: {
				console: source("console/index.html"),
				demo: source("demo/index.html"),
				docs: source("docs/index.html"),
			},
			output: {
				entryFileNames: "assets/[name]-[hash].js",
				chunkFileNames: "assets/[name]-[hash].js",
				assetFileNames: "assets/[name]-[hash][extname]",
			},
		},
	},
});

await rm(dist, { recursive: true, force: true });
await rename(outDir, dist);

// Fails when what a shop's visitors load grows beyond what we promise: `node build.mjs && node size.mjs`.

import { readdirSync, readFileSync } from "node:fs";
import { brotliCompressSync } from "node:zlib";

const dist = new URL("dist/", import.meta.url);
const KIB = 1024;

/** @param {RegExp} name */
function assets(name) {
	return readdirSync(new URL("assets/", dist))
		.filter((file) => name.test(file))
		.map((file) => `assets/${file}`);
}

const budgets = [
	{ what: "embed", files: ["widget.js"], bytes: 6 * KIB },
	{ what: "widget", files: assets(/^widget-.*\.js$/), bytes: 33 * KIB },
	{ what: "tray", files: assets(/^tray-.*\.js$/), bytes: 4 * KIB },
];

for (const { what, files, bytes } of budgets) {
	const sizes = files.map((file) => brotliCompressSync(readFileSync(new URL(file, dist))).length);
	const size = sizes.reduce((sum, one) => sum + one, 0);
	process.stdout.write(`${what}: ${size} of ${bytes} bytes (brotli)\n`);
	if (files.length === 0 || size > bytes) process.exitCode = 1;
}

import { defineConfig } from "vitest/config";

export default defineConfig({
	// The document of the API stands beside this folder.
	server: { fs: { allow: [".."] } },
	// What the build puts in by itself (see build.mjs).
	define: {
		__HUBBUB_APP__: JSON.stringify("/assets/widget-test.js"),
		__HUBBUB_TRAY__: JSON.stringify("/assets/tray-test.js"),
	},
	test: {
		environment: "happy-dom",
		include: ["src/**/*.test.{ts,tsx}"],
		// Sums over whole ranges of colours take their time on a machine that is busy with other tests.
		testTimeout: 60_000,
		restoreMocks: true,
		unstubGlobals: true,
	},
});

import { defineConfig } from "vitest/config";

export default defineConfig({
	// What the build puts in by itself (see build.mjs).
	define: { __HUBBUB_APP__: JSON.stringify("/assets/widget-test.js") },
	test: {
		environment: "happy-dom",
		include: ["src/**/*.test.{ts,tsx}"],
		restoreMocks: true,
		unstubGlobals: true,
	},
});

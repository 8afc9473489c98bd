import { defineConfig } from "vitest/config";

// Real browser against a real server: one file at a time, since each brings up processes of its own.
export default defineConfig({
	test: {
		environment: "node",
		include: ["e2e/**/*.test.ts"],
		fileParallelism: false,
		testTimeout: 60_000,
		hookTimeout: 60_000,
		expect: { poll: { timeout: 15_000 } },
	},
});

import { defineConfig } from "vitest/config";

// Tools of others over the OpenAPI document, and a client that one of them makes, at a real server.
export default defineConfig({
	test: { environment: "node", include: ["openapi/*.test.ts"], testTimeout: 60_000 },
});

import { defineConfig } from "vitest/config";

// The pure modules only: what needs a browser is tested in one, by tests/browser.
export default defineConfig({
  test: { include: ["tests/**/*.test.ts"], environment: "node" },
});

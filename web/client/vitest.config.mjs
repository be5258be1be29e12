import { defineConfig } from "vitest/config";

// The pure modules, and the room's connection on a socket that the test plays: what needs a browser is tested in one, by tests/browser.
export default defineConfig({
  test: { include: ["tests/**/*.test.ts"], environment: "node" },
});

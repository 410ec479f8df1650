import { defineConfig } from "vitest/config";
// oxlint-disable-next-line import/no-unassigned-import -- it gives Node 20 what vitest needs to report a failure
import "./scripts/lib/node-20.mjs";

export default defineConfig({
  test: {
    projects: ["packages/*", "apps/*", "internal/*", "browser", "e2e", "interop", "examples"],
    // Two cores: more workers only make timing-sensitive real-process tests wait for each other.
    maxWorkers: 2,
    teardownTimeout: 60_000,
    coverage: {
      provider: "v8",
      include: ["packages/*/src/**/*.ts"],
      reporter: ["text-summary", "json-summary"],
    },
  },
});

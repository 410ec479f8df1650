import { defineConfig } from "vitest/config";

// Tests of the repository's own tools. They are a step of `pnpm check`, not of `pnpm test`: no user meets these tools.
export default defineConfig({
  test: {
    name: "scripts",
    include: ["test/**/*.test.mjs"],
    reporters: ["./lib/node-20.mjs", "default"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});

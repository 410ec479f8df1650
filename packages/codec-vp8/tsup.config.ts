import { defineConfig, type Options } from "tsup";
import { library } from "../../tsup.preset.ts";

/** The worker is a file of its own, at the same place beside index.js as beside index.ts. */
const worker: Options = {
  entry: { "worker/main": "src/worker/main.mjs" },
  format: ["esm"],
  outExtension: () => ({ js: ".mjs" }),
  sourcemap: true,
  target: "node20",
};

// Both builds run at once: the first must not clean away what the second writes. Shims: `import.meta.url` for CommonJS.
export default defineConfig([{ ...library, clean: ["!worker/**"], shims: true }, worker]);

import type { Options } from "tsup";
import { bundleNotices } from "./scripts/lib/bundle.mjs";

/** Build of a publishable library: ESM, CommonJS and types, unbundled dependencies. */
export const library: Options = {
  entry: ["src/index.ts"],
  format: ["esm", "cjs"],
  dts: true,
  clean: true,
  sourcemap: true,
  target: "node20",
  treeshake: true,
};

/** The same of a library with another entry for browsers, `src/browser/index.ts`, which must not need Node. */
export const libraryWithBrowser: Options[] = [
  {
    ...library,
    // Types of both at once, since a build of types clears those that it finds.
    dts: { entry: { index: "src/index.ts", browser: "src/browser/index.ts" } },
    clean: ["!browser.*"],
  },
  {
    ...library,
    entry: { browser: "src/browser/index.ts" },
    platform: "browser",
    target: "es2022",
    dts: false,
    clean: false,
  },
];

/**
 * Build of a command-line app: files that start fast. Everything is bundled but the `dependencies` of its package.json,
 * which are what cannot be: so `npx` installs little, and Node looks for few files. `devDependencies` go into the bundle.
 */
export const app: Options = {
  entry: ["src/main.ts"],
  format: ["esm"],
  // What is imported with `import()` is a file of its own, and `--help` does not load it.
  splitting: true,
  clean: true,
  sourcemap: true,
  target: "node20",
  minifySyntax: true,
  // CommonJS packages in an ES module ask for Node's own modules with `require`.
  banner: {
    js: 'import { createRequire as bundleRequire } from "node:module";\nconst require = bundleRequire(import.meta.url);',
  },
  // ws looks for native add-ons, which nobody has installed beside a program.
  env: { WS_NO_BUFFER_UTIL: "1", WS_NO_UTF_8_VALIDATE: "1" },
  esbuildPlugins: [bundleNotices],
};

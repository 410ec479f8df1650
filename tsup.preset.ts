import type { Options } from "tsup";

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

/** Build of a command-line app: one ESM file with a shebang; private workspace packages are bundled into it. */
export const app: Options = {
  entry: ["src/main.ts"],
  format: ["esm"],
  clean: true,
  sourcemap: true,
  target: "node20",
  treeshake: true,
  noExternal: [/^@conic\/internal-/],
};

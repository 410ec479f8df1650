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

import { createRequire } from "node:module";

/** The version of this package: its package.json lies one folder above, in the sources and in the build. */
export function version(): string {
  const require = createRequire(import.meta.url);
  return (require("../package.json") as { readonly version: string }).version;
}

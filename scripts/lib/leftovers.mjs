// What `pnpm clean` removes.
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";

const generated = new Set(["dist", ".turbo", "coverage", ".cache"]);

/**
 * Generated files and folders directly inside `folders`; with `all` also `node_modules`.
 * @param {readonly string[]} folders
 * @param {{ all: boolean }} options
 * @returns {string[]}
 */
export function leftovers(folders, { all }) {
  return folders
    .filter((folder) => existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder)
        .filter(
          (name) =>
            generated.has(name) ||
            name.endsWith(".tsbuildinfo") ||
            (all && name === "node_modules"),
        )
        .map((name) => path.join(folder, name)),
    );
}

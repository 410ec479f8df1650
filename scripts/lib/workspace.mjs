// What the repository consists of: one place that reads the folders and their package.json files.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** Root of the repository. */
export const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/[\\/]$/, "");

/**
 * @typedef {object} Manifest
 * @property {string} name
 * @property {boolean} [private]
 * @property {Record<string, string>} [scripts]
 * @property {Record<string, string>} [dependencies]
 * @property {Record<string, string>} [devDependencies]
 * @property {Record<string, string>} [peerDependencies]
 * @property {Record<string, { optional?: boolean }>} [peerDependenciesMeta]
 * @property {Record<string, string>} [optionalDependencies]
 * @property {Record<string, unknown>} [exports]
 * @property {string | Record<string, string>} [bin]
 * @property {string} [version]
 * @property {string} [description]
 * @property {string} [license]
 * @property {string} [author]
 * @property {string} [homepage]
 * @property {string} [bugs]
 * @property {readonly string[]} [keywords]
 * @property {readonly string[]} [files]
 * @property {boolean | readonly string[]} [sideEffects]
 * @property {Record<string, string>} [engines]
 * @property {{ url?: string, directory?: string }} [repository]
 */

/**
 * @typedef {object} Workspace
 * @property {string} dir path from the root with `/`, such as `packages/hub`
 * @property {Manifest} manifest
 */

/**
 * @param {string} file
 * @returns {Manifest}
 */
export function readManifest(file) {
  return /** @type {Manifest} */ (JSON.parse(readFileSync(file, "utf8")));
}

/**
 * Folders below `base` that hold a package.json, in the layout of pnpm-workspace.yaml.
 * @param {string} [base]
 * @returns {Workspace[]}
 */
export function workspaces(base = root) {
  const nested = ["packages", "apps", "internal"].flatMap((group) =>
    folders(path.join(base, group)).map((name) => `${group}/${name}`),
  );
  return [...nested, "e2e", "interop", "examples", "bench"]
    .filter((dir) => existsSync(path.join(base, dir, "package.json")))
    .map((dir) => ({ dir, manifest: readManifest(path.join(base, dir, "package.json")) }));
}

/**
 * Every file below `dir`, as paths that start with `dir`; nothing when it does not exist.
 * @param {string} dir
 * @param {(name: string) => boolean} [skip] folder names that are not entered
 * @returns {string[]}
 */
export function walk(dir, skip = (name) => name === "node_modules" || name === "dist") {
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const full = path.join(dir, entry.name);
    if (entry.isDirectory()) return skip(entry.name) ? [] : walk(full, skip);
    return entry.isFile() ? [full] : [];
  });
}

/**
 * @param {string} dir
 * @returns {string[]}
 */
function folders(dir) {
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
}

/**
 * `file` relative to the root, with `/` on every system.
 * @param {string} file
 * @param {string} [base]
 * @returns {string}
 */
export function shown(file, base = root) {
  return path.relative(base, file).split(path.sep).join("/");
}

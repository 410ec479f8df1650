// How many bytes users download: measured of what was built, and compared with scripts/size-budgets.json.
import { existsSync, statSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

/**
 * Bytes by kind of measure and name of package.
 * @typedef {Record<string, Record<string, number>>} Sizes
 */

/** New budgets leave a change this much room. */
const room = 1.1;

/**
 * A library as its users bundle it, minified and gzipped: for Node its own code alone, for a browser with everything
 * that comes with it.
 * @param {{ dir: string, file: string, target: "node" | "browser" }} entry
 * @returns {Promise<number>} bytes
 */
export async function bundledBytes({ dir, file, target }) {
  const { outputFiles } = await build({
    absWorkingDir: dir,
    entryPoints: [file],
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: "es2022",
    platform: target,
    legalComments: "none",
    logLevel: "silent",
    ...(target === "node" ? { packages: /** @type {const} */ ("external") } : {}),
  });
  return outputFiles.reduce(
    (sum, { contents }) => sum + gzipSync(contents, { level: 9 }).length,
    0,
  );
}

/**
 * What a package takes on a disk. A file that the package does not have, such as LICENSE, is that of the root.
 * @param {string} dir
 * @param {readonly string[]} files packed, relative to `dir`
 * @param {string} root
 * @returns {number} bytes
 */
export function unpackedBytes(dir, files, root) {
  return files.reduce((sum, file) => {
    const own = path.join(dir, file);
    return sum + statSync(existsSync(own) ? own : path.join(root, file)).size;
  }, 0);
}

/**
 * @param {Sizes} sizes measured
 * @param {Sizes} budgets
 * @returns {string[]} what is wrong, one line each
 */
export function budgetProblems(sizes, budgets) {
  const over = pairs(sizes).flatMap(([kind, name, size]) => {
    const budget = budgets[kind]?.[name];
    if (budget === undefined) return [`${name} has no budget of ${kind}`];
    if (size <= budget) return [];
    return [`${name}: ${size} ${kind}, ${size - budget} above the budget of ${budget}`];
  });
  const stale = pairs(budgets).filter(([kind, name]) => sizes[kind]?.[name] === undefined);
  return [
    ...over,
    ...stale.map(([kind, name]) => `a budget of ${kind} is for ${name}, which has none`),
  ];
}

/**
 * Budgets that hold: those that do stay, the others become a tenth more than what was measured.
 * @param {Sizes} sizes measured
 * @param {Sizes} budgets so far
 * @returns {Sizes}
 */
export function raised(sizes, budgets) {
  /** @type {Sizes} */
  const result = {};
  for (const [kind, name, size] of pairs(sizes)) {
    const budget = budgets[kind]?.[name] ?? 0;
    result[kind] ??= {};
    result[kind][name] = size <= budget ? budget : Math.ceil((size * room) / 100) * 100;
  }
  return result;
}

/**
 * @param {Sizes} sizes
 * @returns {[kind: string, name: string, bytes: number][]}
 */
function pairs(sizes) {
  return Object.entries(sizes).flatMap(([kind, byName]) =>
    Object.entries(byName).map(
      ([name, bytes]) => /** @type {[string, string, number]} */ ([kind, name, bytes]),
    ),
  );
}

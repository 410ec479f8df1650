// `pnpm budget` compares what was built with scripts/size-budgets.json; with --raise it writes budgets that hold, with
// --anew all of them a tenth above what was measured.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { budgetProblems, bundledBytes, raised, unpackedBytes } from "./lib/budget.mjs";
import { entries } from "./lib/entries.mjs";
import { run } from "./lib/run.mjs";
import { root, workspaces } from "./lib/workspace.mjs";

/** Libraries that run on a web page. */
const browserLibraries = ["domain", "protocol", "transport", "webrtc", "client"];

const file = path.join(root, "scripts", "size-budgets.json");
const budgets = /** @type {import("./lib/budget.mjs").Sizes} */ (
  JSON.parse(readFileSync(file, "utf8"))
);
const published = workspaces().filter(({ manifest }) => manifest.private !== true);
const libraries = published.filter(({ dir }) => dir.startsWith("packages/"));
/** @type {string[]} */
const problems = [];

/**
 * @param {import("./lib/workspace.mjs").Workspace} library
 * @param {"node" | "browser"} target
 * @returns {Promise<[name: string, bytes: number]>}
 */
async function bundled({ dir, manifest }, target) {
  const found = entries(manifest.exports).filter(
    ({ subpath, file: built }) => subpath === "." && built.endsWith(".js"),
  );
  const own = found.find(({ conditions }) => conditions.includes("browser"));
  const usual = found.find(({ conditions }) => !conditions.includes("browser"));
  const entry = (target === "browser" ? own : undefined) ?? usual;
  try {
    const bytes = await bundledBytes({
      dir: path.join(root, dir),
      file: entry?.file ?? "",
      target,
    });
    return [manifest.name, bytes];
  } catch (error) {
    problems.push(`${manifest.name} cannot be bundled for ${target}: ${String(error)}`);
    return [manifest.name, 0];
  }
}

/** @returns {Promise<[name: string, bytes: number][]>} */
async function unpacked() {
  const { output } = await run("pnpm", ["-r", "pack", "--dry-run", "--json"], {
    timeoutMs: 60_000,
  });
  const packed = /** @type {{ name: string, files: { path: string }[] }[]} */ (
    JSON.parse(output.slice(Math.max(0, output.search(/^\[/m))))
  );
  return published.map(({ dir, manifest }) => {
    const files = packed.find(({ name }) => name === manifest.name)?.files ?? [];
    const paths = files.map((packedFile) => packedFile.path);
    if (!paths.some((packedFile) => packedFile.startsWith("dist/"))) {
      problems.push(`${manifest.name} is not built; run \`pnpm build\``);
    }
    return [manifest.name, unpackedBytes(path.join(root, dir), paths, root)];
  });
}

const forBrowsers = libraries.filter(({ dir }) => browserLibraries.includes(path.basename(dir)));
const sizes = {
  "bytes for Node": Object.fromEntries(
    await Promise.all(libraries.map((library) => bundled(library, "node"))),
  ),
  "bytes for browsers": Object.fromEntries(
    await Promise.all(forBrowsers.map((library) => bundled(library, "browser"))),
  ),
  "bytes unpacked": Object.fromEntries(await unpacked()),
};

const anew = process.argv.includes("--anew");
if (problems.length === 0 && (anew || process.argv.includes("--raise"))) {
  writeFileSync(file, `${JSON.stringify(raised(sizes, anew ? {} : budgets), undefined, 2)}\n`);
  console.log("budget: scripts/size-budgets.json is written");
} else {
  const over = problems.length === 0 ? budgetProblems(sizes, budgets) : [];
  for (const problem of [...problems, ...over]) console.error(problem);
  if (over.length > 0) {
    console.error(
      "Bundles are minified and gzipped. When the bytes are worth it, run `pnpm budget --raise` and commit the budgets.",
    );
  }
  if (problems.length + over.length > 0) process.exit(1);
  console.log(
    `budget: ${libraries.length} libraries and ${published.length} tarballs are within their budgets`,
  );
}

// `lint:pkg` of one package, run in its folder after its build: packs it as for publishing and looks at the tarball.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { bin, run } from "./lib/run.mjs";
import { exportDifferences, tarballProblems } from "./lib/tarball.mjs";
import { readManifest, shown, walk } from "./lib/workspace.mjs";

const cwd = process.cwd();
const source = readManifest(path.join(cwd, "package.json"));
// Below node_modules, so that the unpacked package finds the dependencies of the packed one and nobody lints it.
const temp = path.join(cwd, "node_modules", ".conic-pack");

/** @type {string[]} */
const problems = [];

/**
 * @param {string} name
 * @param {string} command
 * @param {readonly string[]} args
 */
async function must(name, command, args) {
  const { code, output } = await run(command, args, { cwd, timeoutMs: 120_000 });
  if (code !== 0) problems.push(`${name} failed:\n${output.trim()}`);
  return { ok: code === 0, output };
}

/** @param {string} tarball */
async function checkTarball(tarball) {
  await must("publint", bin("publint"), ["run", tarball, "--strict"]);
  const unpacked = path.join(temp, "package");
  const { ok } = await must("tar", "tar", ["-xzf", shown(tarball, cwd), "-C", shown(temp, cwd)]);
  if (!ok) return;
  const manifest = readManifest(path.join(unpacked, "package.json"));
  const files = new Map(
    walk(unpacked, () => false).map((file) => [shown(file, unpacked), readFileSync(file, "utf8")]),
  );
  problems.push(...tarballProblems({ manifest, files }));
  if (manifest.exports === undefined) return;
  await must("attw", bin("attw"), [
    tarball,
    "--no-definitely-typed",
    "--format",
    "ascii",
    "--no-emoji",
  ]);
  await checkExports(unpacked);
}

/**
 * Names that `load`, an expression for a promise of a module, gives in a process of its own.
 * @param {string} load
 */
async function namesOf(load) {
  const code = `${load}.then((m) => console.log("names " + JSON.stringify(Object.keys(m))))`;
  const { ok, output } = await must(load, process.execPath, ["-e", code]);
  const json = /^names (.*)$/m.exec(output)?.[1];
  return ok && json !== undefined ? /** @type {string[]} */ (JSON.parse(json)) : undefined;
}

/** @param {string} unpacked */
async function checkExports(unpacked) {
  const dist = (/** @type {string} */ file) => JSON.stringify(path.join(unpacked, "dist", file));
  const esm = await namesOf(`import(require("node:url").pathToFileURL(${dist("index.js")}).href)`);
  const cjs = await namesOf(`Promise.resolve(require(${dist("index.cjs")}))`);
  if (esm !== undefined && cjs !== undefined) problems.push(...exportDifferences(esm, cjs));
}

if (!existsSync(path.join(cwd, "dist"))) {
  console.error(`${source.name}: there is no dist; run \`pnpm build\` first`);
  process.exit(1);
}
rmSync(temp, { recursive: true, force: true });
mkdirSync(temp, { recursive: true });
try {
  await must("pnpm pack", "pnpm", ["pack", "--pack-destination", temp]);
  const tarball = readdirSync(temp).find((file) => file.endsWith(".tgz"));
  if (tarball !== undefined) await checkTarball(path.join(temp, tarball));
  else if (problems.length === 0) problems.push("pnpm pack made no tarball");
} finally {
  rmSync(temp, { recursive: true, force: true });
}
for (const problem of problems) console.error(`${source.name}: ${problem}`);
if (problems.length > 0) process.exit(1);
console.log(`${source.name}: the package is fit to publish`);

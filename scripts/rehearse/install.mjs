// Everything installed from the registry, with npm and with pnpm, and loaded in each way there is.
import { mkdirSync, readdirSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { exportDifferences } from "../lib/tarball.mjs";
import { readManifest } from "../lib/workspace.mjs";
import { must, StepFailure } from "./command.mjs";
import { marked, refuse } from "./publish.mjs";
import { writeJson } from "./scene.mjs";
import { typeConfig, typeSources, valueSources } from "./sources.mjs";

/** @typedef {import("./scene.mjs").Scene} Scene */

const managers = /** @type {const} */ (["npm", "pnpm"]);

/**
 * What somebody installs who writes TypeScript for Node, in the versions of this repository.
 * @param {Scene} scene
 */
export function typeTools({ clone }) {
  const { devDependencies = {} } = readManifest(path.join(clone, "package.json"));
  const typescript = devDependencies["typescript-7"]?.replace("npm:typescript@", "");
  return [`typescript@${typescript}`, `@types/node@${devDependencies["@types/node"]}`];
}

/**
 * @param {Scene} scene
 * @param {"npm" | "pnpm"} manager
 */
export async function installAll(scene, manager) {
  const cwd = scene.project(manager);
  if (manager === "pnpm") {
    // Nothing is found that a package does not declare; and an update takes what is younger than a day.
    const settings = "hoist: false\nminimumReleaseAge: 0\n";
    writeFileSync(path.join(cwd, "pnpm-workspace.yaml"), settings);
  }
  const names = scene.packages().map(({ manifest }) => manifest.name);
  const verb = manager === "npm" ? "install" : "add";
  await must(manager, [verb, ...names, ...typeTools(scene)], { cwd, env: scene.env });
  refuse(`${manager} installed other versions`, installProblems(scene, manager));
}

/**
 * @param {Scene} scene
 * @param {"npm" | "pnpm"} manager
 */
function installProblems(scene, manager) {
  const modules = path.join(scene.dir, manager, "node_modules");
  return scene.packages().flatMap(({ manifest: { name, version } }) => {
    const dir = path.join(modules, name);
    const found = /** @type {{ version?: string }} */ (
      readManifest(path.join(dir, "package.json"))
    );
    const nested = path.join(dir, "node_modules", "@conic");
    const twice = manager === "npm" && existsSync(nested) ? readdirSync(nested) : [];
    return [
      ...(found.version === version ? [] : [`${name} is ${found.version}, not ${version}`]),
      ...twice.map((other) => `${name} has a ${other} of its own`),
    ];
  });
}

/** @param {Scene} scene @returns {string[]} names of the packages that are libraries */
const libraries = (scene) =>
  scene
    .packages()
    .filter(({ manifest }) => manifest.exports !== undefined)
    .map(({ manifest }) => manifest.name);

/** @typedef {Record<string, string[]>} Names what each package exports */

/**
 * @param {Scene} scene
 * @param {"esm" | "cjs"} format
 */
export async function load(scene, format) {
  const names = libraries(scene);
  const source = valueSources(names)[format];
  let count = 0;
  for (const manager of managers) {
    const cwd = path.join(scene.dir, manager);
    writeFileSync(path.join(cwd, source.file), source.code);
    const said = await must("node", [source.file], { cwd, env: scene.env, timeoutMs: 60_000 });
    const json = /^\{.*\}$/m.exec(said)?.[0];
    if (json === undefined) throw new StepFailure("nothing was imported", said);
    const exported = /** @type {Names} */ (JSON.parse(json));
    scene.exported ??= exported; // of ESM, which comes first
    const first = scene.exported;
    refuse(
      `${manager}: ${format} gives other names`,
      names.flatMap((name) =>
        exportDifferences(first[name] ?? [], exported[name] ?? []).map(
          (text) => `${name}: ${text}`,
        ),
      ),
    );
    count = Object.values(exported).flat().length;
  }
  return `${names.length} packages, ${count} names`;
}

/**
 * @param {Scene} scene
 * @param {"nodenext" | "bundler"} resolution
 */
export async function compile(scene, resolution) {
  const names = libraries(scene);
  for (const manager of managers) {
    const cwd = path.join(scene.dir, manager, resolution);
    mkdirSync(cwd, { recursive: true });
    for (const { file, code } of typeSources(names, resolution)) {
      writeFileSync(path.join(cwd, file), code);
    }
    writeJson(path.join(cwd, "tsconfig.json"), typeConfig(resolution));
    const compilers = [path.join(scene.dir, manager, "node_modules", "typescript", "bin", "tsc")];
    // The version before the one that is installed, too: many a project still has it.
    if (manager === "npm")
      compilers.push(path.join(scene.clone, "node_modules/typescript/bin/tsc6"));
    for (const program of compilers)
      await must("node", [program, "-p", "."], { cwd, env: scene.env });
  }
  return "TypeScript 7 and 6, strict, with the libraries' own types checked";
}

/**
 * What `update` makes of the first version.
 * @param {Scene} scene
 * @param {"npm" | "pnpm"} manager
 */
export async function update(scene, manager) {
  const cwd = path.join(scene.dir, manager);
  await must(manager, ["update"], { cwd, env: scene.env });
  refuse(`${manager} update has not picked up the second version`, installProblems(scene, manager));
  const code = `import { ${marked.mark} } from "${marked.name}"; console.log("mark", ${marked.mark});`;
  const said = await must("node", ["--input-type=module", "-e", code], { cwd, env: scene.env });
  if (!said.includes("mark true"))
    throw new StepFailure("the code is that of the first version", said);
  const dir = path.join(cwd, "node_modules", "@conic", "signal");
  const { version } = /** @type {{ version: string }} */ (
    JSON.parse(readFileSync(path.join(dir, "package.json"), "utf8"))
  );
  const shown = await must("npx", ["conic-signal", "--version"], { cwd, env: scene.env });
  if (!shown.split("\n").includes(version))
    throw new StepFailure(`conic-signal is not ${version}`, shown);
  return `conic-signal ${version}`;
}

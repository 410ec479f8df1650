// What must hold of a packed package, judged from its files alone.
import { isBuiltin } from "node:module";
import ts from "typescript";

/**
 * @typedef {object} Packed
 * @property {import("./workspace.mjs").Manifest} manifest as packed
 * @property {ReadonlyMap<string, string>} files path inside the package, with `/`: text
 */

/**
 * @param {Packed} packed
 * @returns {string[]} what is wrong, one line each
 */
export function tarballProblems({ manifest, files }) {
  const text = JSON.stringify(manifest);
  const { dependencies, peerDependencies, optionalDependencies } = manifest;
  return [
    ...[...files.keys()]
      .filter(
        (file) =>
          !/^(dist\/|demo\/|admin\/|vectors\/|package\.json$|README|LICEN[CS]E|CHANGELOG)/i.test(
            file,
          ),
      )
      .map((file) => `${file} must not be published`),
    ...["workspace:", "catalog:", "@conic/source"]
      .filter((word) => text.includes(word))
      .map((word) => `package.json still says ${word}`),
    ...Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies })
      .filter((name) => name.startsWith("@conic/internal-"))
      .map((name) => `${name} is never published and must not be a dependency`),
    ...["README.md", "LICENSE"]
      .filter((file) => !files.has(file))
      .map((file) => `${file} is missing`),
    ...(files.get("LICENSE")?.startsWith("MIT License\n") === false
      ? ["LICENSE is not that of MIT"]
      : []),
    ...fieldProblems(manifest),
    ...binProblems(manifest, files),
    ...importProblems(manifest, files),
  ];
}

const site = "https://github.com/HMasataka/conic";

/**
 * What a stranger, the registry's page and bundlers read.
 * @param {import("./workspace.mjs").Manifest} manifest
 * @returns {string[]}
 */
function fieldProblems({ repository = {}, ...manifest }) {
  const directory = repository.directory ?? "";
  /** @type {readonly [field: string, isGood: boolean, wanted: string][]} */
  const fields = [
    ["description", (manifest.description ?? "").length >= 20, "a sentence"],
    ["keywords", (manifest.keywords ?? []).length >= 3, "three words or more"],
    ["license", manifest.license === "MIT", "MIT"],
    ["author", manifest.author !== undefined, "somebody"],
    ["repository.url", repository.url === `git+${site}.git`, `git+${site}.git`],
    ["repository.directory", /^(packages|apps)\/[^/]+$/.test(directory), "the package's folder"],
    ["homepage", manifest.homepage === `${site}/tree/main/${directory}#readme`, "its README"],
    ["bugs", manifest.bugs === `${site}/issues`, `${site}/issues`],
    ["engines.node", manifest.engines?.["node"] !== undefined, "the versions of Node it runs on"],
    ["files", (manifest.files ?? []).length > 0, "what is published"],
    ["sideEffects", manifest.sideEffects !== undefined, "false, or true of a program"],
  ];
  return fields
    .filter(([, isGood]) => !isGood)
    .map(([field, , wanted]) => `${field} of package.json must be ${wanted}`);
}

/**
 * @param {import("./workspace.mjs").Manifest} manifest
 * @param {ReadonlyMap<string, string>} files
 */
function binProblems({ bin = {} }, files) {
  const targets = typeof bin === "string" ? [bin] : Object.values(bin);
  return targets.flatMap((target) => {
    const code = files.get(target.replace(/^\.\//, ""));
    if (code === undefined) return [`bin ${target} is missing`];
    return code.startsWith("#!/usr/bin/env node\n")
      ? []
      : [`bin ${target} has no #! line for node`];
  });
}

/**
 * Every package that the built code imports is one that its user gets installed.
 * @param {import("./workspace.mjs").Manifest} manifest
 * @param {ReadonlyMap<string, string>} files
 */
function importProblems(manifest, files) {
  const { name, dependencies, peerDependencies, optionalDependencies } = manifest;
  const installed = { ...dependencies, ...peerDependencies, ...optionalDependencies, [name]: "" };
  return [...files].flatMap(([file, code]) => {
    if (!/\.(c|m)?js$|\.d\.(c|m)?ts$/.test(file)) return [];
    const imported = ts
      .preProcessFile(code, true, true)
      .importedFiles.map(({ fileName }) => fileName);
    return [...new Set(imported)]
      .filter((specifier) => !specifier.startsWith(".") && !isBuiltin(specifier))
      .map((specifier) =>
        specifier
          .split("/")
          .slice(0, specifier.startsWith("@") ? 2 : 1)
          .join("/"),
      )
      .filter((dependency) => !Object.hasOwn(installed, dependency))
      .map((dependency) => `${file} imports ${dependency}, which package.json does not declare`);
  });
}

/**
 * @param {readonly string[]} esm names that `import` gives
 * @param {readonly string[]} cjs names that `require` gives
 * @returns {string[]}
 */
export function exportDifferences(esm, cjs) {
  const plumbing = new Set(["default", "module.exports", "__esModule"]);
  const only = (/** @type {readonly string[]} */ a, /** @type {readonly string[]} */ b) =>
    a.filter((name) => !plumbing.has(name) && !b.includes(name));
  return [
    ...only(esm, cjs).map((name) => `import has ${name}, require has not`),
    ...only(cjs, esm).map((name) => `require has ${name}, import has not`),
    ...(esm.length === 0 ? ["import gives no names at all"] : []),
  ];
}

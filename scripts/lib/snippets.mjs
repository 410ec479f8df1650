// Type-checks the code of documents against the workspace's sources, as a user's project would see them.
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { bin, run } from "./run.mjs";

const languages = new Map([
  ["ts", ".ts"],
  ["typescript", ".ts"],
  ["js", ".mjs"],
  ["javascript", ".mjs"],
]);

/**
 * @typedef {object} Snippet
 * @property {string} document path from the root with `/`
 * @property {import("./markdown.mjs").CodeBlock} block
 */

/**
 * @param {import("./markdown.mjs").CodeBlock} block
 * @returns {boolean}
 */
export function isCompiled(block) {
  return languages.has(block.lang);
}

/**
 * @param {readonly Snippet[]} snippets
 * @param {object} options
 * @param {string} options.root
 * @param {readonly import("./workspace.mjs").Workspace[]} options.all
 * @returns {Promise<string[]>} compiler errors, at the line of the document
 */
export async function compileSnippets(snippets, { root, all }) {
  const dir = path.join(root, ".cache", "snippets");
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  writeFileSync(path.join(dir, "package.json"), '{ "private": true, "type": "module" }\n');
  installPackages(dir, root, all);
  /** @type {Map<string, string>} */
  const documentOf = new Map();
  /** @type {Record<"node" | "browser", string[]>} */
  const files = { node: [], browser: [] };
  for (const [index, { document, block }] of snippets.entries()) {
    const name = `${index + 1}-${document.replaceAll("/", "-")}${languages.get(block.lang)}`;
    // Blank lines in front keep the line numbers of the document.
    writeFileSync(path.join(dir, name), `${"\n".repeat(block.line - 1)}${block.code}export {};\n`);
    documentOf.set(name, document);
    files[block.info.includes("browser") ? "browser" : "node"].push(name);
  }
  const errors = [
    ...(await compile(dir, "node", files.node)),
    ...(await compile(dir, "browser", files.browser)),
  ];
  return errors.map((line) => {
    const [, name = "", at] = /^([^(]+)\((\d+,\d+)\)/.exec(line) ?? [];
    const document = documentOf.get(name);
    if (document === undefined || at === undefined) return line;
    return line.replace(`${name}(${at})`, `${document}:${at.replace(",", ":")}`);
  });
}

/**
 * Links every package of ours, and what they depend on, into the folder of the snippets.
 * @param {string} dir
 * @param {string} root
 * @param {readonly import("./workspace.mjs").Workspace[]} all
 */
function installPackages(dir, root, all) {
  /** @type {Map<string, string>} */
  const places = new Map();
  for (const { dir: folder, manifest } of all) {
    for (const name of Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })) {
      places.set(name, path.join(root, folder, "node_modules", name));
    }
  }
  for (const { dir: folder, manifest } of all) {
    if (folder.startsWith("packages/")) places.set(manifest.name, path.join(root, folder));
    else places.delete(manifest.name);
  }
  for (const [name, place] of places) {
    if (!existsSync(place)) continue;
    const link = path.join(dir, "node_modules", name);
    mkdirSync(path.dirname(link), { recursive: true });
    symlinkSync(place, link, "junction");
  }
}

/**
 * @param {string} dir
 * @param {"node" | "browser"} kind
 * @param {readonly string[]} files
 * @returns {Promise<string[]>}
 */
async function compile(dir, kind, files) {
  if (files.length === 0) return [];
  const lib = [
    "es2023",
    "esnext.disposable",
    ...(kind === "browser" ? ["dom", "dom.iterable"] : []),
  ];
  const config = {
    extends: "../../tsconfig.base.json",
    compilerOptions: {
      lib,
      customConditions: ["@conic/source", ...(kind === "browser" ? ["browser"] : [])],
      allowJs: true,
      checkJs: true,
      declaration: false,
      isolatedDeclarations: false,
      noUnusedLocals: false,
      noUnusedParameters: false,
    },
    files,
  };
  writeFileSync(path.join(dir, `tsconfig.${kind}.json`), JSON.stringify(config, undefined, 2));
  const { code, output } = await run(
    bin("tsc"),
    ["-p", `tsconfig.${kind}.json`, "--pretty", "false"],
    {
      cwd: dir,
      timeoutMs: 120_000,
    },
  );
  if (code === 0) return [];
  // Errors inside the workspace's sources are the business of `typecheck`.
  const own = output.split("\n").filter((line) => line !== "" && !/^(\.\.\/|\s)/.test(line));
  return own.length > 0 || /^\.\.\//m.test(output) ? own : [output.trim()];
}

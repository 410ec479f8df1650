// The documents say what is true: their code compiles, their commands exist, their links lead somewhere.
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { parseMarkdown, shapeDifferences } from "./lib/markdown.mjs";
import { shellProblems } from "./lib/shell-blocks.mjs";
import { compileSnippets, isCompiled } from "./lib/snippets.mjs";
import { readManifest, root, shown, walk, workspaces } from "./lib/workspace.mjs";

const all = workspaces();
const scripts = {
  root: Object.keys(readManifest(path.join(root, "package.json")).scripts ?? {}),
  packages: new Map(
    all.map(({ manifest }) => [manifest.name, Object.keys(manifest.scripts ?? {})]),
  ),
};

const skipped = new Set([
  "node_modules",
  "dist",
  "coverage",
  ".git",
  ".cache",
  ".turbo",
  ".changeset",
  "etc",
]);
const documents = new Map(
  walk(root, (name) => skipped.has(name))
    .filter((file) => file.endsWith(".md") && !file.endsWith("CHANGELOG.md"))
    .map((file) => [shown(file), parseMarkdown(readFileSync(file, "utf8"))]),
);

/** Files of this repository, as a README has to name them that npm shows elsewhere. */
const here = "https://github.com/HMasataka/conic/";
const published = /^(packages|apps)\/[^/]+\/README\.md$/;

/** @type {string[]} */
const problems = [];
/** @type {import("./lib/snippets.mjs").Snippet[]} */
const snippets = [];

for (const [document, { blocks, links }] of documents) {
  for (const block of blocks) {
    const at = `${document}:${block.line}`;
    if (isCompiled(block)) {
      snippets.push({ document, block });
      const foreign = block.info.filter((word) => word !== "browser");
      if (foreign.length > 0)
        problems.push(`${at}: a code block is compiled, never ${foreign.join(" ")}`);
    } else if (/^(sh|shell|bash|console)$/.test(block.lang)) {
      problems.push(...shellProblems(block.code, scripts).map((problem) => `${at}: ${problem}`));
    }
  }
  problems.push(...links.flatMap((link) => linkProblem(document, link) ?? []));
}

/**
 * @param {string} document
 * @param {import("./lib/markdown.mjs").Link} link
 */
function linkProblem(document, { target, line }) {
  const own = target.startsWith(here)
    ? /^(?:blob|tree)\/main\/(.*)$/.exec(target.slice(here.length))
    : null;
  if (own === null && /^([a-z][a-z0-9+.-]*:|\/\/)/i.test(target)) return undefined;
  if (own === null && !target.startsWith("#") && published.test(document)) {
    return `${document}:${line}: ${target} leads nowhere on npm: write ${here}blob/main/…`;
  }
  const [file = "", anchor] = (own?.[1] ?? target).split("#");
  const folder = own === null ? path.posix.dirname(document) : "";
  const full = file === "" ? document : path.posix.join(folder, decodeURI(file));
  if (full.startsWith("..") || !existsSync(path.join(root, full))) {
    return `${document}:${line}: ${target} does not exist`;
  }
  const headings = documents.get(full)?.headings;
  if (anchor === undefined || headings === undefined) return undefined;
  return headings.some(({ slug }) => slug === decodeURIComponent(anchor))
    ? undefined
    : `${document}:${line}: ${full} has no heading #${anchor}`;
}

const [english, japanese] = [documents.get("README.md"), documents.get("README.ja.md")];
if (english !== undefined && japanese !== undefined) {
  const differences = shapeDifferences(english, japanese);
  problems.push(...differences.map((difference) => `README.md and README.ja.md: ${difference}`));
}

problems.push(...(await compileSnippets(snippets, { root, all })));
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);
console.log(`docs: ${documents.size} documents, ${snippets.length} code blocks compiled`);

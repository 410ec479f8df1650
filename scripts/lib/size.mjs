// Sizes of source files and functions: pure, so that the limits can be tested at limit and limit + 1.
import path from "node:path";
import ts from "typescript";

export const limits = {
  medianFileLines: 110,
  p90FileLines: 250,
  maxFileLines: 400,
  maxFunctionLines: 50,
  maxFilesWithoutSubfolder: 9,
  maxMainLines: 80,
};

/**
 * @typedef {object} Source
 * @property {string} file path from the root with `/`
 * @property {string} text
 */

/**
 * @param {string} text
 * @returns {number}
 */
export function countLines(text) {
  if (text === "") return 0;
  return text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
}

/**
 * Nearest-rank percentile; 0 of nothing.
 * @param {readonly number[]} values
 * @param {number} fraction
 * @returns {number}
 */
export function percentile(values, fraction) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * fraction) - 1)] ?? 0;
}

/**
 * Functions longer than the limit. A test suite is measured without the functions inside it: `describe` and its
 * blocks are one function to the compiler and many to a reader.
 * @param {Source} source
 * @returns {string[]}
 */
export function longFunctions({ file, text }) {
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true);
  /** @type {string[]} */
  const found = [];
  /** @param {import("typescript").Node} node */
  const visit = (node) => {
    if (isFunctionWithBody(node)) {
      const lines = linesOf(tree, node) - (isSuite(node) ? nestedLines(tree, node) : 0);
      if (lines > limits.maxFunctionLines) {
        const at = tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1;
        found.push(
          `${file}:${at}: a function of ${lines} lines (limit ${limits.maxFunctionLines})`,
        );
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

/** @param {import("typescript").Node} node */
function isFunctionWithBody(node) {
  return ts.isFunctionLike(node) && "body" in node && node.body !== undefined;
}

/**
 * @param {import("typescript").SourceFile} tree
 * @param {import("typescript").Node} node
 */
function linesOf(tree, node) {
  const first = tree.getLineAndCharacterOfPosition(node.getStart(tree)).line;
  return tree.getLineAndCharacterOfPosition(node.getEnd()).line - first + 1;
}

/**
 * @param {import("typescript").SourceFile} tree
 * @param {import("typescript").Node} node
 * @returns {number}
 */
function nestedLines(tree, node) {
  let lines = 0;
  ts.forEachChild(node, function visit(child) {
    if (isFunctionWithBody(child)) lines += Math.max(0, linesOf(tree, child) - 1);
    else ts.forEachChild(child, visit);
  });
  return lines;
}

/** @param {import("typescript").Node} node */
function isSuite(node) {
  let found = false;
  ts.forEachChild(node, function visit(child) {
    found ||=
      ts.isCallExpression(child) && /^(describe|it|test)\b/.test(child.expression.getText());
    if (!found) ts.forEachChild(child, visit);
  });
  return found;
}

/**
 * @param {readonly Source[]} sources
 * @returns {{ table: string[], violations: string[] }}
 */
export function measure(sources) {
  const sizes = sources.map(({ file, text }) => ({ file, lines: countLines(text) }));
  const lines = sizes.map((size) => size.lines);
  /** @type {readonly [string, number, number][]} */
  const rows = [
    ["median lines of a file", percentile(lines, 0.5), limits.medianFileLines],
    ["90th percentile", percentile(lines, 0.9), limits.p90FileLines],
    ["longest file", Math.max(0, ...lines), limits.maxFileLines],
  ];
  const overall = rows
    .slice(0, 2)
    .filter(([, value, limit]) => value > limit)
    .map(([name, value, limit]) => `${name}: ${value} (limit ${limit})`);
  const tooLong = sizes.flatMap(({ file, lines: own }) => {
    const limit = /^apps\/[^/]+\/src\/main\.ts$/.test(file)
      ? limits.maxMainLines
      : limits.maxFileLines;
    return own > limit ? [`${file}: ${own} lines (limit ${limit})`] : [];
  });
  return {
    table: [
      `files                    ${sizes.length}`,
      ...rows.map(([name, value, limit]) => `${name.padEnd(24)} ${value} (limit ${limit})`),
    ],
    violations: [
      ...overall,
      ...tooLong,
      ...crowdedFolders(sizes.map((size) => size.file)),
      ...sources.flatMap(longFunctions),
    ],
  };
}

/**
 * Folders with too many files and no subfolder.
 * @param {readonly string[]} files
 * @returns {string[]}
 */
function crowdedFolders(files) {
  /** @type {Map<string, number>} */
  const folders = new Map();
  for (const file of files) {
    const folder = path.posix.dirname(file);
    folders.set(folder, (folders.get(folder) ?? 0) + 1);
  }
  return [...folders].flatMap(([folder, count]) => {
    const hasSubfolder = files.some((file) => path.posix.dirname(file).startsWith(`${folder}/`));
    if (count <= limits.maxFilesWithoutSubfolder || hasSubfolder) return [];
    return [
      `${folder}: ${count} files and no subfolder (limit ${limits.maxFilesWithoutSubfolder})`,
    ];
  });
}

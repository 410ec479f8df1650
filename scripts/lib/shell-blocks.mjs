// Finds the pnpm commands in shell examples and says which of them name a script or package that does not exist.

/** Commands of pnpm itself, as far as documents use them. */
const builtins = new Set(
  "add create deploy dlx exec i install list ls outdated pack publish remove up update why".split(
    " ",
  ),
);

const flagsWithValue = new Set(["-F", "--filter", "-C", "--dir"]);

/**
 * @typedef {object} Scripts
 * @property {readonly string[]} root
 * @property {ReadonlyMap<string, readonly string[]>} packages by package name
 */

/**
 * @param {string} code
 * @param {Scripts} scripts
 * @returns {string[]} what is wrong, one line each
 */
export function shellProblems(code, scripts) {
  return code
    .replaceAll(/\\\n/g, " ")
    .split("\n")
    .flatMap((line) =>
      line
        .replace(/^\s*\$ /, "")
        .replace(/(^|\s)#.*$/, "")
        .split(/&&|\|\||[|;&]/),
    )
    .map((command) => pnpmArguments(words(command)))
    .flatMap((args) => (args === undefined ? [] : problemsOf(args, scripts)));
}

/** @param {string} command */
function words(command) {
  return [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, plain]) => double ?? single ?? plain ?? "",
  );
}

/**
 * The arguments when `command` runs pnpm, directly or by npx.
 * @param {readonly string[]} command
 */
function pnpmArguments(command) {
  let at = command.findIndex((word) => !/^\w+=/.test(word));
  if (command[at] === "npx") {
    at++;
    while (command[at]?.startsWith("-")) at += /^(-p|--package)$/.test(command[at] ?? "") ? 2 : 1;
  }
  return /^pnpm(@\S+)?$/.test(command[at] ?? "") ? command.slice(at + 1) : undefined;
}

/**
 * @param {readonly string[]} args
 * @param {Scripts} scripts
 * @returns {string[]}
 */
function problemsOf(args, scripts) {
  /** @type {string[]} */
  const filters = [];
  let at = 0;
  for (; args[at]?.startsWith("-"); at++) {
    const arg = args[at] ?? "";
    const inline = /^--filter=(.*)$/.exec(arg)?.[1];
    if (inline !== undefined) filters.push(inline);
    if (!flagsWithValue.has(arg)) continue;
    at++;
    if (/^(-F|--filter)$/.test(arg)) filters.push(args[at] ?? "");
  }
  const command = args[at] === "run" ? args[at + 1] : args[at];
  const targets = filters.map((filter) => packageOf(filter, scripts));
  const unknown = filters.filter((_, n) => targets[n] === undefined);
  if (unknown.length > 0) return unknown.map((filter) => `no package is called ${filter}`);
  if (command === undefined || (builtins.has(command) && args[at] !== "run")) return [];
  const known = filters.length === 0 ? [scripts.root] : targets;
  if (known.some((names) => names?.includes(command))) return [];
  return [`pnpm ${args.join(" ")}: there is no script ${command}`];
}

/**
 * @param {string} filter
 * @param {Scripts} scripts
 */
function packageOf(filter, { packages }) {
  const name = filter.replace(/^\.{3}|\.{3}$/g, "");
  return packages.get(name) ?? packages.get(`@conic/${name}`);
}

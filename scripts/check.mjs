// `pnpm check`: everything but the tests of the packages. `--only=lint,size` runs some steps; `--list` names them.
import path from "node:path";
import { bin, run } from "./lib/run.mjs";
import { closing, line, total } from "./lib/summary.mjs";
import { root, walk, workspaces } from "./lib/workspace.mjs";

/** @typedef {readonly [command: string, ...args: string[]]} Command */

const quiet = { TURBO_TELEMETRY_DISABLED: "1", TURBO_NO_UPDATE_NOTIFIER: "1" };

/** @param {string} task */
const turbo = (task) =>
  /** @type {Command} */ ([
    bin("turbo"),
    "run",
    task,
    "--output-logs=errors-only",
    "--continue=dependencies-successful",
  ]);

/** @param {string[]} args */
const node = (...args) => /** @type {Command} */ ([process.execPath, ...args]);

/** @param {string} project */
const tsc = (project) => /** @type {Command} */ ([bin("tsc"), "-p", project]);

const sourceFolders = workspaces()
  .map(({ dir }) => `${dir}/src`)
  .filter(
    (dir) => /^(packages|apps|internal)\//.test(dir) && walk(path.join(root, dir)).length > 0,
  );

const benchFiles = walk(path.join(root, "bench")).filter((file) => /\.(mjs|ts)$/.test(file));

/** @type {Readonly<Record<string, readonly Command[]>>} */
const steps = {
  fmt: [[bin("oxfmt"), "--check"]],
  lint: [[bin("oxlint"), "--type-aware", "--deny-warnings"]],
  layers: [
    [bin("depcruise"), "--config", ".dependency-cruiser.mjs", ...sourceFolders],
    node("scripts/check-layers.mjs"),
  ],
  size: [node("scripts/check-size.mjs")],
  tools: [[bin("vitest"), "run", "--root", "scripts"]],
  typecheck: [
    turbo("typecheck"),
    tsc("scripts"),
    tsc("."),
    ...(benchFiles.length > 0 ? [tsc("bench")] : []),
  ],
  build: [turbo("build")],
  "lint:pkg": [turbo("lint:pkg")],
  api: [node("scripts/api.mjs", "--check")],
  budget: [node("scripts/budget.mjs")],
  licences: [node("scripts/check-licences.mjs")],
  audit: [node("scripts/check-audit.mjs")],
  workflows: [node("scripts/check-workflows.mjs")],
  unused: [[bin("knip")]],
  docs: [node("scripts/check-docs.mjs"), [bin("typedoc")]],
};

/**
 * @param {string} name
 * @param {readonly Command[]} commands
 */
async function runStep(name, commands) {
  let ms = 0;
  /** @type {string[]} */
  const failures = [];
  for (const [command, ...args] of commands) {
    const result = await run(command, args, { env: quiet, timeoutMs: 600_000 });
    ms += result.ms;
    if (result.code !== 0)
      failures.push(`$ ${[path.basename(command), ...args].join(" ")}\n${result.output}`);
  }
  const result = {
    name,
    ms,
    count: { passed: failures.length === 0 ? 1 : 0, failed: failures.length === 0 ? 0 : 1 },
  };
  console.log(line(result));
  for (const failure of failures) console.log(failure);
  return result;
}

/** @returns {string[]} */
function chosen() {
  const args = process.argv.slice(2).filter((arg) => arg !== "--");
  if (args.includes("--list")) {
    console.log(Object.keys(steps).join("\n"));
    process.exit(0);
  }
  const names = args.flatMap((arg) => /^--only=(.+)$/.exec(arg)?.[1]?.split(",") ?? [arg]);
  const unknown = names.filter((name) => !Object.hasOwn(steps, name));
  if (unknown.length > 0) {
    console.error(`unknown: ${unknown.join(", ")}; the steps are ${Object.keys(steps).join(", ")}`);
    process.exit(2);
  }
  return names.length > 0 ? names : Object.keys(steps);
}

const results = [];
for (const name of chosen()) results.push(await runStep(name, steps[name] ?? []));
const sum = total(results.map(({ count }) => count));
console.log(closing(sum));
process.exitCode = sum.failed === 0 ? 0 : 1;

// What .ci/run runs, from a fresh clone with Node and npm alone: the tests as README.md says, `pnpm check`, the tests
// again on Node 24, a short benchmark, the rehearsal of a release. The last lines name what failed; the very last is
// `N passed, N failed`. Nothing here can wait for ever.
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { checkFailures, failureLines, outputFailure, vitestFailures } from "./lib/failures.mjs";
import { run } from "./lib/run.mjs";
import { closing, countVitest, line, readClosing, total } from "./lib/summary.mjs";
import { root } from "./lib/workspace.mjs";

const minutes = 60_000;
const env = {
  CI: "true",
  TURBO_TELEMETRY_DISABLED: "1",
  TURBO_NO_UPDATE_NOTIFIER: "1",
  npm_config_yes: "true",
};
const pnpm = ["-y", "pnpm@12"];
const pnpmOnNode24 = ["-y", "-p", "node@24", "-p", "pnpm@12", "pnpm"];
// Of Node 24 again: everything that is ours. The other implementations do not change with our Node.
const own = ["--project", "!interop"];

/**
 * @param {string} name
 * @param {readonly string[]} npx how to run pnpm
 * @param {readonly string[]} [more] arguments of vitest
 */
async function tests(name, npx, more = []) {
  const file = `.cache/${name}.json`;
  const report = path.join(root, file);
  mkdirSync(path.dirname(report), { recursive: true });
  rmSync(report, { force: true });
  const node20 = "--reporter=./scripts/lib/node-20.mjs";
  const reporters = [node20, "--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
  const result = await run("npx", [...npx, "test", ...reporters, ...more], {
    env,
    live: true,
    timeoutMs: 28 * minutes,
  });
  const json = existsSync(report) ? readFileSync(report, "utf8") : undefined;
  const { skipped, ...count } = countVitest(json, result.code);
  const failures = vitestFailures({ json, ...result });
  return { name, ms: result.ms, count, note: `${closing(count)}, ${skipped} skipped`, failures };
}

/**
 * A script that prints a line for each of its steps, and how many passed.
 * @param {string} name
 * @param {string} script of package.json
 * @param {number} timeoutMs
 */
async function counted(name, script, timeoutMs) {
  const result = await run("npx", [...pnpm, script], { env, live: true, timeoutMs });
  const found = readClosing(result.output);
  const count =
    found !== undefined && (result.code === 0) === (found.failed === 0)
      ? found
      : { passed: 0, failed: 1 };
  const failures = checkFailures(result.output);
  if (failures.length < count.failed) {
    failures.push(outputFailure(`with code ${result.code}`, result.output));
  }
  return { name, ms: result.ms, count, note: closing(count), failures };
}

async function bench() {
  const quick = { ...env, CONIC_BENCH_QUICK: "1" };
  const result = await run("npx", [...pnpm, "bench"], {
    env: quick,
    live: true,
    timeoutMs: 8 * minutes,
  });
  const failed = result.code !== 0;
  return {
    name: "bench",
    ms: result.ms,
    count: { passed: Number(!failed), failed: Number(failed) },
    failures: failed ? [outputFailure(`with code ${result.code}`, result.output)] : [],
  };
}

/** @typedef {import("./lib/summary.mjs").StepResult & { failures: import("./lib/failures.mjs").Failure[] }} CiStep */

/** @type {Readonly<Record<string, () => Promise<CiStep>>>} */
const steps = {
  tests: () => tests("tests", pnpm),
  check: () => counted("check", "check", 12 * minutes),
  "tests-node-24": () => tests("tests-node-24", pnpmOnNode24, own),
  ...(existsSync(path.join(root, "bench", "run.mjs")) ? { bench } : {}),
  rehearse: () => counted("rehearse", "release:rehearse", 15 * minutes),
};

/** @type {CiStep[]} */
const results = [];
for (const [name, step] of Object.entries(steps)) {
  console.log(`\n=== ${name}`);
  try {
    results.push(await step());
  } catch (error) {
    console.error(error);
    const failures = [outputFailure("to run", String(error))];
    results.push({ name, ms: 0, count: { passed: 0, failed: 1 }, failures });
  }
}

const sum = total(results.map(({ count }) => count));
console.log(`\n${results.map((result) => line(result)).join("\n")}\n`);
const named = results.flatMap(({ name, failures }) =>
  failures.map((failure) => ({ ...failure, title: `${name}: ${failure.title}` })),
);
for (const said of failureLines(named)) console.log(said);
process.exitCode = sum.failed === 0 ? 0 : 1;
console.log(closing(sum));

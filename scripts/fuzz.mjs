// pnpm fuzz [--times=20]: the tests that draw at random what peers, networks and attackers do, with that many times as
// many runs as `pnpm test` has, from a first seed that it prints (--seed=N repeats it).
import { spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: { times: { type: "string", default: "20" }, seed: { type: "string" } },
});
const times = Number(values.times);
const seed = values.seed === undefined ? randomInt(1, 2 ** 30) : Number(values.seed);
if (!(times >= 1) || !Number.isInteger(seed)) {
  process.stderr.write("usage: pnpm fuzz [--times=20] [--seed=N]\n");
  process.exit(2);
}
process.stdout.write(`first seed: ${seed}\n`);

/** Files of tests, and what makes them long. */
const tests = [
  { project: "sctp", path: "property", env: { CONIC_SCTP_RUNS: times, CONIC_SCTP_SEED: seed } },
  {
    project: "sctp",
    path: "fuzz",
    env: { CONIC_SCTP_FUZZ_PACKETS: times * 60_000, CONIC_SCTP_SEED: seed },
  },
  {
    project: "server",
    path: "threats/fuzz",
    env: { CONIC_FUZZ_INPUTS: times * 50_000, CONIC_FUZZ_SEED: seed },
  },
  {
    project: "webrtc",
    path: "any-moment",
    env: { CONIC_MOMENTS: times, CONIC_MOMENTS_SEED: seed },
  },
];

const failed = tests.filter(({ project, path, env }) => {
  const run = spawnSync(
    process.execPath,
    ["node_modules/vitest/vitest.mjs", "run", "--project", project, path],
    {
      env: {
        ...process.env,
        ...Object.fromEntries(Object.entries(env).map(([k, v]) => [k, String(v)])),
      },
      stdio: "inherit",
    },
  );
  return run.status !== 0;
});
process.stdout.write(`${tests.length - failed.length} passed, ${failed.length} failed\n`);
process.exit(failed.length > 0 ? 1 : 0);

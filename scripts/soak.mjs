// pnpm soak [--minutes=60] [--clients=5000]: clients that come, call and vanish for an hour, and half an hour on a network
// on which everything goes wrong. CI runs the same tests for seconds (e2e/test/soak).
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "60" },
    clients: { type: "string", default: "5000" },
  },
});
const minutes = Number(values.minutes);
const clients = Number(values.clients);
if (!(minutes > 0) || !(clients >= 2)) {
  process.stderr.write("usage: pnpm soak [--minutes=60] [--clients=5000]\n");
  process.exit(2);
}
const env = {
  ...process.env,
  CONIC_SOAK_SECONDS: String(minutes * 60),
  CONIC_SOAK_CLIENTS: String(Math.floor(clients / 2) * 2),
  CONIC_SOAK_STAY_MS: String(Math.min(120_000, minutes * 6000)),
  CONIC_CHAOS_SECONDS: String(minutes * 30),
  CONIC_CHAOS_CLIENTS: String(Math.max(4, Math.floor(clients / 5))),
};
const run = spawnSync(
  process.execPath,
  ["node_modules/vitest/vitest.mjs", "run", "--project", "e2e", "e2e/test/soak"],
  { env, stdio: "inherit" },
);
process.exit(run.status ?? 1);

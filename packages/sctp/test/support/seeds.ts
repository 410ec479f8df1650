import type { TestOptions } from "vitest";

/** What makes runs more or fewer: `CONIC_SCTP_RUNS=10` is ten times as many. */
const factor = Number(process.env["CONIC_SCTP_RUNS"] ?? 1);
/** The first seed; a failure names the one to start from. */
const first = Number(process.env["CONIC_SCTP_SEED"] ?? 1);

/** For tests of many runs. */
export const timeLimit: TestOptions = { timeout: 60_000 * Math.max(1, factor) };

/** Runs decided by one seed each. A failure says which seed, and how to run that one alone. */
export function checkSeeds(runs: number, run: (seed: number) => void): void {
  const count = Math.max(1, Math.round(runs * factor));
  for (let seed = first; seed < first + count; seed += 1) {
    try {
      run(seed);
    } catch (error) {
      throw new Error(`seed ${seed}: CONIC_SCTP_SEED=${seed} CONIC_SCTP_RUNS=0 runs it alone`, {
        cause: error,
      });
    }
  }
}

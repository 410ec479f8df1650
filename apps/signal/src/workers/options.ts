import { availableParallelism } from "node:os";
import type { FlagValues } from "@conic/internal-cli";

export const workerFlags = {
  workers: {
    type: "number",
    default: 1,
    min: 0,
    max: 256,
    env: "CONIC_WORKERS",
    help: "Processes that share the port and are one server to their clients; 0 is one for each core. Limits for each address and for rooms hold for each process",
  },
} as const;

/** How many processes. */
export function readWorkers(values: FlagValues<typeof workerFlags>): number {
  return values.workers === 0 ? availableParallelism() : values.workers;
}

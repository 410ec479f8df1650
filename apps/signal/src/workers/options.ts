import { availableParallelism } from "node:os";
import { usageError, type FlagValues } from "@conic/internal-cli";

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

/**
 * How many processes.
 * @throws ExitError with code 2 for what several cannot do.
 */
export function readWorkers(
  values: FlagValues<typeof workerFlags>,
  { hasAdmin }: { readonly hasAdmin: boolean },
): number {
  const count = values.workers === 0 ? availableParallelism() : values.workers;
  if (count > 1 && hasAdmin) {
    // It would show whichever of them is asked, and end nobody who is with another.
    throw usageError("the dashboard at /admin is that of one process: leave out it or --workers");
  }
  return count;
}

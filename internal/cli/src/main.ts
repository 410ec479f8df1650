import { isConicError } from "@conic/domain";
import { ExitError, exitCodes, type ExitCode } from "./exit-codes.js";

/**
 * A signal that fires on SIGINT, SIGTERM or SIGHUP. A second one of them ends the process at once: a shutdown that
 * hangs must not need a kill.
 */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  const numbers = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 } as const;
  for (const [name, number] of Object.entries(numbers)) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(128 + number);
      controller.abort(name);
    });
  }
  return controller.signal;
}

function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof ExitError) return error.exitCode;
  if (isConicError(error, "unreachable")) return exitCodes.unreachable;
  if (isConicError(error, "invalid_argument")) return exitCodes.usage;
  return exitCodes.failure;
}

/** Runs an app: what it throws becomes one line on stderr and an exit code. */
export async function runMain(name: string, main: () => Promise<ExitCode | void>): Promise<void> {
  try {
    process.exitCode = (await main()) ?? exitCodes.ok;
  } catch (error) {
    process.exitCode = exitCodeOf(error);
    const known = error instanceof ExitError || isConicError(error);
    const text =
      known || !(error instanceof Error) ? errorLine(error) : (error.stack ?? error.message);
    process.stderr.write(`${name}: ${text}\n`);
  }
}

function errorLine(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

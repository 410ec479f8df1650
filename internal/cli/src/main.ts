import { isConicError } from "@conic/domain";
import { ExitError, exitCodes, type ExitCode } from "./exit-codes.js";

/** What `runMain` needs of a process. */
export interface MainHost {
  exitCode?: number | string | null | undefined;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
}

/**
 * Runs an app: what it throws becomes one line on stderr, with the name of the app in front, and an exit code. A fault
 * of the program keeps its stack. Sets the code instead of exiting: what was printed may still be on its way.
 */
export async function runMain(
  name: string,
  main: () => Promise<ExitCode | void>,
  host: MainHost = process,
): Promise<void> {
  // "| head" leaves early: that is no fault of the program. An app that should end with its reader listens itself.
  for (const stream of [host.stdout, host.stderr]) stream.on("error", () => undefined);
  try {
    host.exitCode = (await main()) ?? exitCodes.ok;
  } catch (error) {
    host.exitCode = exitCodeOf(error);
    host.stderr.write(`${name}: ${describe(error)}\n`);
  }
}

function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof ExitError) return error.exitCode;
  if (isConicError(error, "unreachable")) return exitCodes.unreachable;
  if (isConicError(error, "invalid_argument")) return exitCodes.usage;
  return exitCodes.failure;
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof ExitError || isConicError(error) || isSystemError(error)) {
    return error.message.replaceAll(/\s*\n\s*/g, " ");
  }
  return error.stack ?? error.message;
}

/** Such as a full disk: the machine's fault, which a stack does not explain. */
function isSystemError(error: Error): boolean {
  return "syscall" in error && "code" in error;
}

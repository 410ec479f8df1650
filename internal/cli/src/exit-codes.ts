/** Exit codes of every Conic app. */
export const exitCodes = {
  /** Done. */
  ok: 0,
  /** Something failed while running. */
  failure: 1,
  /** The command line or the environment is wrong, or an address is in use: nothing was started. */
  usage: 2,
  /** The server could not be reached. */
  unreachable: 3,
  /** The peer is unknown, gone, or did not connect. */
  peer: 4,
  /** The user stopped it before its work was done: 128 + SIGINT, as shells have it, whichever signal it was. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Ends the program with one line on stderr and an exit code. */
export class ExitError extends Error {
  override readonly name = "ExitError";
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** A wrong command line: exit code 2, and a message that says where to read on. */
export function usageError(message: string): ExitError {
  return new ExitError(exitCodes.usage, `${message}; try --help`);
}

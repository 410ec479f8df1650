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
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Ends the program with one line on stderr and an exit code. */
export class ExitError extends Error {
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

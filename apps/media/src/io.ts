/** What a command sees of the process that runs it. */
export interface CommandIo {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Writes one line. */
  readonly stdout: (line: string) => void;
  readonly stderr: (line: string) => void;
  /** Fires when the user wants the command to stop. */
  readonly signal?: AbortSignal | undefined;
}

/** Exit codes: 2 is the user's to mend, 1 is the machine's, 130 is what shells expect of an interrupted program. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** Something that the user can mend: one line on stderr, exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** What `stopSignal` needs of a process. */
export interface SignalSource {
  on(name: NodeJS.Signals, listener: () => void): unknown;
  exit(code: number): void;
}

const numbers = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 } as const;

export type StopSignalName = keyof typeof numbers;

/**
 * A signal that fires on SIGINT, SIGTERM or SIGHUP, with that name as its reason. A second one of them ends the
 * process at once: a shutdown that hangs must not need a kill. Listens as long as the process lives.
 *
 * @param names - fewer of them, where one means something else.
 */
export function stopSignal(
  source: SignalSource = process,
  names: readonly StopSignalName[] = ["SIGINT", "SIGTERM", "SIGHUP"],
): AbortSignal {
  const controller = new AbortController();
  for (const name of names) {
    source.on(name, () => {
      if (controller.signal.aborted) source.exit(128 + numbers[name]);
      controller.abort(name);
    });
  }
  return controller.signal;
}

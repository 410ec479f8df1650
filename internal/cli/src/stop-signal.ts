/** What `stopSignal` needs of a process. */
export interface SignalSource {
  on(name: NodeJS.Signals, listener: () => void): unknown;
  exit(code: number): void;
}

const numbers = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 } as const;

/**
 * A signal that fires on SIGINT, SIGTERM or SIGHUP, with that name as its reason. A second one of them ends the
 * process at once: a shutdown that hangs must not need a kill. Listens as long as the process lives.
 */
export function stopSignal(source: SignalSource = process): AbortSignal {
  const controller = new AbortController();
  for (const [name, number] of Object.entries(numbers)) {
    source.on(name as keyof typeof numbers, () => {
      if (controller.signal.aborted) source.exit(128 + number);
      controller.abort(name);
    });
  }
  return controller.signal;
}

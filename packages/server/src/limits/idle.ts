import type { Clock } from "@conic/domain";

/**
 * Calls back once when nothing has happened for `idleMs`; the returned function ends the watch. What happens sets no
 * timer: when the time is over, it is asked when the last thing did.
 */
export function watchIdle(
  idleMs: number,
  clock: Clock,
  lastMs: () => number,
  onIdle: () => void,
): () => void {
  let cancel: (() => void) | undefined;
  const wait = (delayMs: number): void => {
    cancel = clock.schedule(delayMs, () => {
      const leftMs = lastMs() + idleMs - clock.now();
      if (leftMs > 0) wait(leftMs);
      else onIdle();
    });
  };
  wait(idleMs);
  return () => {
    cancel?.();
  };
}

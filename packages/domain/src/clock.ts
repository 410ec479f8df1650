/** Time as an input, so that heartbeats, back-off and watchdogs are tested without waiting. */
export interface Clock {
  /** Milliseconds since an arbitrary start; never goes back. */
  now(): number;
  /** Calls `callback` once after `delayMs`; the returned function cancels it. */
  schedule(delayMs: number, callback: () => void): () => void;
}

/** So late a timer is when the process stood still: on a busy machine, or one that was suspended. */
const stoodStillMs = 100;

/** Callbacks of late timers, in the order of those. */
const waiting = new Set<() => void>();

function runWaiting(): void {
  try {
    for (const callback of waiting) {
      waiting.delete(callback);
      callback();
    }
  } finally {
    // One of them threw.
    if (waiting.size > 0) setImmediate(runWaiting);
  }
}

/** The first turn reads what came while the process stood still, the second deals with it. */
function runAfterInput(callback: () => void): void {
  waiting.add(callback);
  if (waiting.size === 1) setImmediate(() => setImmediate(runWaiting));
}

/** The clock of this machine. After a standstill, what came meanwhile is heard before anybody is given up. */
export const systemClock: Clock = {
  now: () => performance.now(),
  schedule: (delayMs, callback) => {
    const dueAt = performance.now() + delayMs;
    // A function of its own: the same callback may be scheduled twice.
    const run = (): void => {
      callback();
    };
    const timer = setTimeout(() => {
      const isLate = performance.now() - dueAt >= stoodStillMs;
      // Browsers have no setImmediate, and let input go first by themselves.
      const canWait = typeof setImmediate === "function";
      if (canWait && (isLate || waiting.size > 0)) runAfterInput(run);
      else run();
    }, delayMs);
    return () => {
      clearTimeout(timer);
      waiting.delete(run);
    };
  },
};

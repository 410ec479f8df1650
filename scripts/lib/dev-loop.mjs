// The rules of the development server, without processes and clocks: what to do when files change.

/**
 * @typedef {object} DevLoopParts
 * @property {() => Promise<boolean>} build resolves to whether it succeeded; says itself what went wrong
 * @property {() => Promise<void>} restart stops the server that runs, if any, and starts the new build
 * @property {(message: string) => void} say
 * @property {(delayMs: number, action: () => void) => () => void} schedule returns its cancellation
 * @property {number} [debounceMs] default 150: an editor saves several files, or one file twice
 */

/**
 * Builds and restarts when files change; one build at a time, and never a restart into a broken build.
 * @param {DevLoopParts} parts
 */
export function createDevLoop({ build, restart, say, schedule, debounceMs = 150 }) {
  /** @type {Set<string>} */
  const pending = new Set();
  /** @type {(() => void) | undefined} */
  let cancelTimer;
  let busy = false;
  let stopped = false;

  const round = async () => {
    const files = [...pending].toSorted();
    pending.clear();
    if (files.length > 0) say(`changed: ${files.join(", ")}`);
    if (!(await build())) {
      if (!stopped) say("the build failed; the old server keeps running until a build succeeds");
      return;
    }
    // What changed during the build would make this restart a waste: build again first.
    if (pending.size === 0 && !stopped) await restart();
  };

  // A timer that still runs will bring its changes itself.
  const due = () => pending.size > 0 && cancelTimer === undefined && !stopped;

  const work = async () => {
    cancelTimer = undefined;
    if (busy) return;
    busy = true;
    try {
      do await round();
      while (due());
    } finally {
      busy = false;
    }
  };

  return {
    /** First build and start. */
    start: work,
    /** @param {string} file */
    changed: (file) => {
      if (stopped) return;
      pending.add(file);
      cancelTimer?.();
      cancelTimer = schedule(debounceMs, () => void work());
    },
    stop: () => {
      stopped = true;
      cancelTimer?.();
    },
  };
}

// What these tests ask of the runtime, asked so that browsers answer too: the suites run in both.

/** Counts the listeners that `signal` gets from now on. */
export function countListeners(signal: AbortSignal): () => number {
  const listeners = new Map<unknown, boolean>();
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  add("abort", () => {
    for (const [listener, once] of listeners) if (once) listeners.delete(listener);
  });
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    const [, listener, options] = args;
    listeners.set(listener, typeof options === "object" && options.once === true);
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners.delete(args[1]);
    remove(...args);
  };
  return () => listeners.size;
}

/**
 * Collects the rejections that nobody handles; what it returns waits for the last of them. On a page it collects none:
 * vitest sees them there, and the run fails.
 */
export function watchRejections(): () => Promise<readonly unknown[]> {
  const seen: unknown[] = [];
  const note = (reason: unknown): void => void seen.push(reason);
  const inNode = "process" in globalThis;
  if (inNode) process.on("unhandledRejection", note);
  return async () => {
    // They are told of before the next timer runs.
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (inNode) process.off("unhandledRejection", note);
    return seen;
  };
}

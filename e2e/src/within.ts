/**
 * How long a test waits for what is bound to come. Only a failure reaches it: on a busy machine the start of a process
 * takes seconds.
 */
export const patienceMs = 30_000;

/**
 * The time that `attempt` takes, in ms: of the first one that stays below the limit, else of the quickest of five, for
 * the machine may be busy with other things.
 */
export async function quickest(limitMs: number, attempt: () => Promise<number>): Promise<number> {
  let best = Infinity;
  for (let round = 0; round < 5 && best >= limitMs; round += 1) {
    best = Math.min(best, await attempt());
  }
  return best;
}

/** Waits for a promise; throws an error that says what was missed when it takes too long. */
export async function within<T>(
  promise: Promise<T>,
  timeoutMs: number,
  missed: () => string,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`not within ${timeoutMs} ms: ${missed()}`));
    }, timeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * How long a test waits for what is bound to come. Only a failure reaches it: on a busy machine the start of a process
 * takes seconds.
 */
export const patienceMs = 60_000;

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

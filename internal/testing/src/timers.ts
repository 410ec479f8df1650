const live = new Set<NodeJS.Timeout>();

type Callback = (...args: unknown[]) => void;

/**
 * Remembers each timer that is made from now on, until it fires or is cleared. The test runner took the functions that
 * make its own before, so that those are none of them. Timers of `node:timers` are not seen.
 */
function rememberTimers(): void {
  const { setTimeout: make, clearTimeout: clear, setInterval: makeInterval } = globalThis;
  const remember = (callback: Callback, delayMs?: number, ...args: unknown[]): NodeJS.Timeout => {
    const timer = make(() => {
      live.delete(timer);
      callback(...args);
    }, delayMs);
    live.add(timer);
    return timer;
  };
  const rememberInterval: typeof remember = (callback, delayMs, ...args) => {
    const timer = makeInterval(callback, delayMs, ...args);
    live.add(timer);
    return timer;
  };
  const forget = (timer?: NodeJS.Timeout | string | number): void => {
    clear(timer);
    if (typeof timer === "object") live.delete(timer);
  };
  // Functions of Node carry properties, such as the one for `promisify`.
  globalThis.setTimeout = Object.defineProperties(
    remember,
    Object.getOwnPropertyDescriptors(make),
  ) as typeof make;
  globalThis.setInterval = rememberInterval as typeof makeInterval;
  globalThis.clearTimeout = forget;
  globalThis.clearInterval = forget;
}

rememberTimers();

/** How many timers are set and keep the process alive. */
export function activeTimers(): number {
  return [...live].filter((timer) => timer.hasRef()).length;
}

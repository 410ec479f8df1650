// What the suites need of the runtime, in Node; `#platform` is the twin for browsers where their condition is set.
export { abortListenerCount } from "../abort.js";
export { watchLeaks } from "../leaks.js";

/** Resolves after everything that is ready to run has run: two turns, for what one causes shows in the next. */
export function turns(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(() => setImmediate(resolve));
  });
}

import { getEventListeners } from "node:events";

/** Listeners that a signal still has: 0 after a wait is over, or the wait leaks. */
export function abortListenerCount(signal: AbortSignal): number {
  return getEventListeners(signal, "abort").length;
}

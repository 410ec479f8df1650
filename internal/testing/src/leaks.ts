import { setTimeout as delay } from "node:timers/promises";
import { activeTimers } from "./timers.js";

/** Kinds of resource that keep a process alive, with how many of each there are. */
function activeResources(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) {
    // The timers of the test runner, which come and go, would hide one that leaks.
    if (kind !== "Timeout") counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  counts.set("Timeout", activeTimers());
  return counts;
}

// What leaks in tests: sockets, servers and timers. Pipes to the test runner and file handles come and go.
const watched = [
  "Timeout",
  "Immediate",
  "UDPWrap",
  "TCPSocketWrap",
  "TCPServerWrap",
  "ConnectWrap",
  "GetAddrInfoReqWrap",
];

/**
 * Remembers what is open now; the returned function waits until nothing more than that is open and throws,
 * naming the kinds, when something still is after `graceMs`.
 */
export function watchLeaks(graceMs = 10_000): () => Promise<void> {
  const before = activeResources();
  return async () => {
    const deadline = performance.now() + graceMs;
    for (;;) {
      // Awaiting this delay leaves no timer behind: it has fired when the resources are counted.
      await delay(10);
      const after = activeResources();
      const leaked = watched.filter((kind) => (after.get(kind) ?? 0) > (before.get(kind) ?? 0));
      if (leaked.length === 0) return;
      if (performance.now() > deadline) {
        const list = leaked.map(
          (kind) => `${kind} ${before.get(kind) ?? 0} → ${after.get(kind) ?? 0}`,
        );
        throw new Error(`leaked: ${list.join(", ")}`);
      }
    }
  };
}

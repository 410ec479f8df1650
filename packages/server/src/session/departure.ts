import { ConicError, type Clock } from "@conic/domain";
import { maxTimerMs } from "../options.js";

/** Whoever can be told to go; resolves when it is gone. */
interface Leaver {
  end(reason: ConicError): Promise<void>;
}

/** Between two groups that are ended, and what a group has at least. */
const stepMs = 10;
const minGroup = 10;

/** @throws ConicError `invalid_argument`. */
export function requireTime(name: string, valueMs: number): number {
  if (Number.isInteger(valueMs) && valueMs >= 0 && valueMs <= maxTimerMs) return valueMs;
  throw new ConicError(
    "invalid_argument",
    `${name} must be a whole number from 0 to ${maxTimerMs}`,
  );
}

/**
 * Ends all peers, in groups spread over a time; resolves when all connections are closed. `peers` loses those that
 * close: when none is left, however they ended, nothing is waited for.
 */
export async function endAll(
  peers: ReadonlyMap<unknown, Leaver>,
  reason: ConicError,
  spreadMs: number,
  clock: Clock,
): Promise<void> {
  const leaving = Array.from(peers.values());
  const groups = Math.max(1, Math.floor(spreadMs / stepMs));
  const size = Math.max(minGroup, Math.ceil(leaving.length / groups));
  const step = spreadMs < stepMs ? leaving.length : size;
  const ended: Promise<void>[] = [];
  for (let first = 0; first < leaving.length; first += step) {
    if (first > 0 && peers.size > 0) await pause(clock);
    for (const peer of leaving.slice(first, first + step)) ended.push(peer.end(reason));
  }
  await Promise.all(ended);
}

function pause(clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    clock.schedule(stepMs, resolve);
  });
}

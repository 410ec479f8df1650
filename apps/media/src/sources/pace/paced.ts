import { abortError, raceAbort, throwIfAborted, type Clock } from "@conic/domain";
import { Pacer } from "./pacer.js";
import type { Timeline } from "./timeline.js";

export interface PacedOptions<T> {
  readonly timeline: Timeline;
  readonly signal?: AbortSignal | undefined;
  /** Items that are later than this are left out. Default: none is. */
  readonly maxLateMs?: number | undefined;
  /** Called for each item that was left out. */
  readonly onSkip?: ((item: T) => void) | undefined;
}

/**
 * Gives items out when they are due. There is no drift: each one is placed on the timeline, not after the one before.
 * Behind a stall the items follow closely until the track is in time again, without a burst.
 * @throws ConicError `aborted`, at once, also while `items` is waited for.
 */
export async function* paced<T extends { readonly timestamp: number }>(
  items: AsyncIterable<T>,
  options: PacedOptions<T>,
): AsyncGenerator<T, undefined> {
  const { timeline, signal } = options;
  const { clock } = timeline;
  const pacer = new Pacer(timeline, options.maxLateMs ?? Infinity);
  for await (const item of abortable(items, signal)) {
    if (await inTime(item)) {
      pacer.sent(item.timestamp, clock.now());
      yield item;
    } else {
      options.onSkip?.(item);
    }
  }
  return undefined;

  async function inTime(item: T): Promise<boolean> {
    // Planned anew after each wait: the wait itself may have stalled, or another track moved the timeline.
    for (;;) {
      const now = clock.now();
      const at = pacer.plan(item.timestamp, now);
      if (at === undefined) return false;
      if (at <= now) return true;
      await wait(at - now, clock, signal);
    }
  }
}

function wait(delayMs: number, clock: Clock, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      cancel();
      if (signal !== undefined) reject(abortError(signal));
    };
    const cancel = clock.schedule(delayMs, () => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    });
    if (signal?.aborted === true) onAbort();
    else signal?.addEventListener("abort", onAbort, { once: true });
  });
}

/** The same items; `aborted` ends it at once, even while the next item is on its way. */
export async function* abortable<T>(
  items: AsyncIterable<T>,
  signal: AbortSignal | undefined,
): AsyncGenerator<T, undefined> {
  const iterator = items[Symbol.asyncIterator]();
  let waiting = false;
  let ended = false;
  try {
    for (;;) {
      throwIfAborted(signal);
      waiting = true;
      const result = await raceAbort(iterator.next(), signal);
      waiting = false;
      if (result.done === true) {
        ended = true;
        return undefined;
      }
      yield result.value;
    }
  } catch (error) {
    ended ||= waiting && signal?.aborted !== true;
    throw error;
  } finally {
    if (!ended) await release(iterator, waiting);
  }
}

async function release(iterator: AsyncIterator<unknown>, waiting: boolean): Promise<void> {
  const released = Promise.resolve(iterator.return?.());
  // A generator that waits for its input is released only when that comes: not worth waiting for.
  if (waiting) released.catch(() => undefined);
  else await released;
}

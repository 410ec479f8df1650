import { collectAll, FakeClock } from "@conic/internal-testing";
import { Timeline } from "../../src/sources/pace/timeline.js";
import type { PlayOptions } from "../../src/sources/source.js";
import { failure } from "./failure.js";

/** Aborts while the second chunk waits for its time. */
export async function expectAborted(
  play: (options: PlayOptions) => AsyncIterable<unknown>,
): Promise<void> {
  const stop = new AbortController();
  const clock = new FakeClock();
  const running = failure(
    collectAll(play({ timeline: new Timeline({ clock }), signal: stop.signal })),
  );
  while (clock.pending === 0) await new Promise((resolve) => void setImmediate(resolve));
  stop.abort();
  const error = await running;
  if (!("code" in error && error.code === "aborted")) throw error;
}

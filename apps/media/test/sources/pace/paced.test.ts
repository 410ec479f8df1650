import { abortListenerCount, FakeClock, seededRandom } from "@conic/internal-testing";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { paced } from "../../../src/sources/pace/paced.js";
import { Timeline } from "../../../src/sources/pace/timeline.js";
import { AutoClock } from "../../support/auto-clock.js";

interface Item {
  readonly timestamp: number;
}

const packetMs = 20;
const frameMs = 1000 / 30;

async function* items(
  count: number,
  intervalMs: number,
  first = 0,
): AsyncGenerator<Item, undefined> {
  for (let n = 0; n < count; n += 1) {
    await Promise.resolve();
    yield { timestamp: first + Math.round(n * intervalMs * 1000) };
  }
  return undefined;
}

async function* broken(): AsyncGenerator<Item, never> {
  yield* items(2, packetMs);
  throw new Error("torn");
}

interface Sent {
  readonly mediaMs: number;
  readonly atMs: number;
}

/** Plays to the end; `each` runs after an item went out. */
async function play(
  clock: AutoClock,
  source: AsyncIterable<Item>,
  options: { maxLateMs?: number; timeline?: Timeline; each?: (mediaMs: number) => void } = {},
): Promise<{ sent: Sent[]; skipped: number }> {
  const sent: Sent[] = [];
  let skipped = 0;
  const { timeline = new Timeline({ clock }), maxLateMs, each } = options;
  const onSkip = (): void => void (skipped += 1);
  for await (const { timestamp } of paced(source, { timeline, maxLateMs, onSkip })) {
    sent.push({ mediaMs: timestamp / 1000, atMs: clock.now() });
    each?.(timestamp / 1000);
  }
  return { sent, skipped };
}

/** All that can happen without the clock has happened. */
function settled(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

/** The most items within any `windowMs`. */
function densest(sent: readonly Sent[], windowMs: number): number {
  return Math.max(
    ...sent.map(
      ({ atMs }) =>
        sent.filter((other) => other.atMs >= atMs && other.atMs < atMs + windowMs).length,
    ),
  );
}

describe("paced media", () => {
  it("does not drift in an hour, however late the timers are", async () => {
    const random = seededRandom(1);
    const clock = new AutoClock(() => random() * 5);
    const { sent, skipped } = await play(clock, items(180_000, packetMs));
    expect([sent.length, skipped]).toEqual([180_000, 0]);
    const late = sent.map(({ mediaMs, atMs }) => atMs - mediaMs);
    expect(late.reduce((least, ms) => Math.min(least, ms))).toBeGreaterThanOrEqual(0);
    expect(late.reduce((most, ms) => Math.max(most, ms))).toBeLessThan(10);
  });

  it("begins at once, whatever the first timestamp is", async () => {
    const clock = new AutoClock();
    clock.stall(1234);
    const { sent } = await play(clock, items(3, packetMs, 7e9));
    expect(sent.map(({ atMs }) => atMs)).toEqual([1234, 1254, 1274]);
  });

  it("keeps audio whole through a stall of 500 ms, and is in time again soon, without a burst", async () => {
    const clock = new AutoClock();
    const { sent, skipped } = await play(clock, items(200, packetMs), {
      each: (mediaMs) => {
        if (mediaMs === 1000) clock.stall(500);
      },
    });
    expect([sent.length, skipped]).toEqual([200, 0]);
    expect(densest(sent, packetMs)).toBeLessThanOrEqual(4);
    const inTime = sent.find(({ mediaMs, atMs }) => mediaMs > 1000 && atMs - mediaMs < 1);
    expect(inTime?.mediaMs).toBeLessThan(1700);
    expect(sent.at(-1)).toEqual({ mediaMs: 3980, atMs: 3980 });
  });

  it("catches up alike when the stall is in a wait", async () => {
    let stalls = 1;
    const clock = new AutoClock(() => (clock.now() > 1000 && stalls-- > 0 ? 500 : 0));
    const { sent } = await play(clock, items(200, packetMs));
    expect(sent.length).toBe(200);
    expect(densest(sent, packetMs)).toBeLessThanOrEqual(4);
    expect(sent.at(-1)?.atMs).toBe(3980);
  });

  it("leaves out video that is later than the limit, until it is in time", async () => {
    const clock = new AutoClock();
    const { sent, skipped } = await play(clock, items(90, frameMs), {
      maxLateMs: 400,
      each: (mediaMs) => {
        if (mediaMs === 1000) clock.stall(500);
      },
    });
    expect(skipped).toBe(14);
    expect(sent.length).toBe(90 - skipped);
    for (const { mediaMs, atMs } of sent) expect(Math.abs(atMs - mediaMs)).toBeLessThan(0.001);
  });

  it.each([
    [400, 0],
    [401, 11],
  ])("of a limit of 400 ms, after %i ms, leaves %i frames out", async (stallMs, expected) => {
    const clock = new AutoClock();
    const { skipped } = await play(clock, items(75, 40), {
      maxLateMs: 400,
      each: (mediaMs) => {
        // The frame that is next is due in one interval.
        if (mediaMs === 1000) clock.stall(stallMs + 40);
      },
    });
    expect(skipped).toBe(expected);
  });

  it("goes on from where it was when the machine slept for hours, all tracks alike", async () => {
    const clock = new FakeClock();
    const timeline = new Timeline({ clock });
    const sent: [Sent[], Sent[]] = [[], []];
    const run = async (source: AsyncIterable<Item>, to: Sent[]): Promise<void> => {
      for await (const { timestamp } of paced(source, { timeline, maxLateMs: 400 }))
        to.push({ mediaMs: timestamp / 1000, atMs: clock.now() });
    };
    const running = [run(items(100, packetMs), sent[0]), run(items(60, frameMs), sent[1])];
    const asleep = 3 * 3_600_000;
    for (let ms = 0; ms < 2100; ms += 1) {
      await settled();
      clock.advance(ms === 1000 ? asleep : 1);
    }
    await Promise.all(running);
    expect(sent.map(({ length }) => length)).toEqual([100, 60]);
    const shifts = sent.map((track) => {
      const last = track.at(-1);
      return (last?.atMs ?? 0) - (last?.mediaMs ?? 0) - asleep;
    });
    for (const shift of shifts) expect(Math.abs(shift)).toBeLessThan(packetMs + frameMs);
    // The clock of this test moves in steps of 1 ms.
    expect(Math.abs((shifts[0] ?? 0) - (shifts[1] ?? 0))).toBeLessThan(1);
  });

  it.each([
    ["in time", 2000, 0],
    ["later for good", 2001, 2001],
  ])("is %s again after a stall of %i ms, of 2,000 that are caught up", async (_, ms, shift) => {
    const clock = new AutoClock();
    const { sent } = await play(clock, items(300, packetMs), {
      each: (mediaMs) => {
        if (mediaMs === 1000) clock.stall(ms + packetMs);
      },
    });
    const last = sent.at(-1);
    expect(Math.round((last?.atMs ?? 0) - (last?.mediaMs ?? 0))).toBe(shift);
  });
});

describe("paced media, whatever stalls,", () => {
  const stalls = fc.array(fc.record({ at: fc.nat(99), ms: fc.nat(1900) }), { maxLength: 8 });

  it("is never early, never bunched, and audio never has a hole", async () => {
    await fc.assert(
      fc.asyncProperty(stalls, fc.constantFrom(2.5, 20, 60), async (all, intervalMs) => {
        const clock = new AutoClock();
        let count = 0;
        const each = (): void => {
          for (const { ms } of all.filter(({ at }) => at === count)) clock.stall(ms);
          count += 1;
        };
        const { sent } = await play(clock, items(100, intervalMs), { each });
        expect(sent.length).toBe(100);
        const gaps = sent.slice(1).map(({ atMs }, n) => atMs - (sent[n]?.atMs ?? 0));
        expect(Math.min(...gaps)).toBeGreaterThanOrEqual(intervalMs / 4 - 0.001);
        for (const { mediaMs, atMs } of sent) expect(atMs - mediaMs).toBeGreaterThan(-0.001);
      }),
      { numRuns: 100 },
    );
  });
});

describe("paced media that is aborted", () => {
  it("throws at once while it waits for its time, and releases what it reads", async () => {
    const clock = new FakeClock();
    const stop = new AbortController();
    let released = false;
    const source = async function* (): AsyncGenerator<Item, undefined> {
      try {
        return yield* items(10, packetMs);
      } finally {
        released = true;
      }
    };
    const running = paced(source(), { timeline: new Timeline({ clock }), signal: stop.signal });
    expect((await running.next()).value).toEqual({ timestamp: 0 });
    const second = running.next();
    await expect.poll(() => clock.pending).toBe(1);
    stop.abort();
    await expect(second).rejects.toMatchObject({ code: "aborted" });
    expect([clock.pending, released, abortListenerCount(stop.signal)]).toEqual([0, true, 0]);
  });

  it("throws at once while the source has nothing yet", async () => {
    const stop = new AbortController();
    const never: AsyncIterable<Item> = {
      [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }),
    };
    const timeline = new Timeline({ clock: new FakeClock() });
    const running = paced(never, { timeline, signal: stop.signal }).next();
    stop.abort();
    await expect(running).rejects.toMatchObject({ code: "aborted" });
    expect(abortListenerCount(stop.signal)).toBe(0);
  });

  it("passes an error of the source, after the items before it", async () => {
    const sent: Item[] = [];
    const clock = new AutoClock();
    const reading = (async () => {
      for await (const item of paced(broken(), { timeline: new Timeline({ clock }) }))
        sent.push(item);
    })();
    await expect(reading).rejects.toThrow("torn");
    expect([sent.length, clock.pending]).toEqual([2, 0]);
  });
});

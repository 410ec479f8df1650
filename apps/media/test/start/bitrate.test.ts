import { FakeClock, failOnLeaks } from "@conic/internal-testing";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BitrateSteps } from "../../src/start/send/bitrate-steps.js";
import { FakeCall } from "./support/fake-call.js";
import { side, source } from "./support/sessions.js";

failOnLeaks();

/** What an encoder is set to at these times, with the targets of these times. */
function steps(...targets: readonly (readonly [atMs: number, target: number])[]): number[] {
  const made = new BitrateSteps(1_000_000);
  return targets.map(([atMs, target]) => {
    made.target = target;
    return made.next(atMs);
  });
}

describe("the bitrate of an encoder", () => {
  it("follows a change of more than 15 %, and no smaller one", () => {
    expect(steps([0, 850_000], [1, 849_000])).toEqual([1_000_000, 849_000]);
    expect(steps([0, 500_000], [9_000, 575_000], [9_001, 576_000])).toEqual([
      500_000, 500_000, 576_000,
    ]);
  });

  it("goes down every 2 s and up every 5 s at most", () => {
    expect(steps([0, 700_000], [1_999, 400_000], [2_000, 400_000])).toEqual([
      700_000, 700_000, 400_000,
    ]);
    expect(steps([0, 400_000], [4_999, 900_000], [5_000, 900_000])).toEqual([
      400_000, 400_000, 900_000,
    ]);
  });

  it("makes at most one key frame in 2 s, whatever the target does", () => {
    const moves = fc.array(
      fc.tuple(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 10_000, max: 5_000_000 })),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(moves, (all) => {
        const made = new BitrateSteps(1_000_000);
        let [now, changes, value] = [0, 0, made.value];
        for (const [afterMs, target] of all) {
          now += afterMs;
          made.target = target;
          if (made.next(now) !== value) changes += 1;
          value = made.value;
        }
        expect(changes).toBeLessThanOrEqual(1 + now / 2_000);
      }),
    );
  });
});

describe("video that is sent", () => {
  it("is encoded as the path allows, which the statistics show", async () => {
    const clock = new FakeClock();
    const bitrates: number[] = [];
    const [a, b] = FakeCall.pair();
    const endless = source("video", 0, { isEndless: true, maxBitrate: 800_000, bitrates });
    const offer = side(a, clock, { role: "offer", kinds: ["video"], sources: [endless] });
    const answer = side(b, clock, { role: "answer", kinds: ["video"] });
    const ended = [offer.session.run(), answer.session.run()];
    await until(() => bitrates.length > 0);
    offer.tracks[0]?.setTargetBitrate(300_000);
    await until(() => bitrates.at(-1) === 300_000);
    clock.advance(1_000);
    await until(() => offer.of("stats").length > 0);
    expect(offer.of("stats")[0]?.flows).toMatchObject([{ kind: "video", targetKbps: 300 }]);
    expect(answer.of("stats")[0]?.flows[0]).not.toHaveProperty("targetKbps");
    offer.stop.abort("enough");
    await Promise.all(ended);
    expect([...new Set(bitrates)]).toEqual([800_000, 300_000]);
  });

  it("has no target where it is a file of VP8", async () => {
    const clock = new FakeClock();
    const bitrates: number[] = [];
    const [a, b] = FakeCall.pair();
    const sources = [source("video", 3, { bitrates })];
    const offer = side(a, clock, { role: "offer", kinds: ["video"], sources });
    const answer = side(b, clock, { role: "answer", kinds: ["video"] });
    await Promise.all([offer.session.run(), answer.session.run()]);
    expect(bitrates).toEqual([]);
    expect(offer.session.view().flows[0]).not.toHaveProperty("targetKbps");
  });
});

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise(setImmediate);
}

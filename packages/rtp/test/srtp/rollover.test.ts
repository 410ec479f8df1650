import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { packetIndex } from "../../src/srtp/sources.js";
import { ReplayWindow } from "../../src/srtp/replay-window.js";
import { connect, profiles, rtp } from "../support/srtp.js";

describe("the packet index", () => {
  it.each([
    ["the first packet has rollover counter 0", -1, 65_000, 65_000],
    ["goes on", 10, 11, 11],
    ["goes round", 65_535, 0, 65_536],
    ["comes late, before the wrap", 65_540, 65_535, 65_535],
    ["comes late, after it", 131_080, 65_535, 131_071],
    ["is never below 0", 5, 65_530, 65_530],
    ["is the nearest: 32,767 ahead", 65_536, 32_767, 98_303],
    ["is the nearest: 32,768 back", 65_536, 32_768, 32_768],
    ["holds up to 48 bits", 2 ** 48 - 1, 65_530, 2 ** 48 - 6],
  ])("%s", (_name, highest, sequenceNumber, expected) => {
    expect(packetIndex(highest, sequenceNumber)).toBe(expected);
  });
});

describe.each(profiles)("around the wrap, with profile %i", (profile) => {
  it("opens every packet of a shuffled stream", () => {
    const order = fc.shuffledSubarray(
      Array.from({ length: 40 }, (_, index) => 65_516 + index),
      { minLength: 40 },
    );
    fc.assert(
      fc.property(order, (indices) => {
        const { a, b } = connect(profile);
        const sealed = new Map<number, Uint8Array>();
        for (let index = 65_516; index < 65_556; index += 1) {
          sealed.set(index, a.protectRtp(rtp(index)));
        }
        // One packet before the wrap has to come first: alone, the sequence number 0 has rollover counter 0.
        expect(b.unprotectRtp(a.protectRtp(rtp(65_500)))).toBeDefined();
        for (const index of indices) {
          const packet = sealed.get(index) ?? new Uint8Array();
          expect(b.unprotectRtp(packet)).toEqual(rtp(index));
          expect(b.unprotectRtp(packet)).toBeUndefined();
        }
      }),
      { numRuns: 30 },
    );
  });

  it("protects an old packet again after the wrap as it was before it", () => {
    const { a, b } = connect(profile);
    for (const index of [65_530, 65_532])
      expect(b.unprotectRtp(a.protectRtp(rtp(index)))).toBeDefined();
    const lost = Uint8Array.from(a.protectRtp(rtp(65_533)));
    for (const index of [65_536, 65_540]) {
      expect(b.unprotectRtp(a.protectRtp(rtp(index)))).toEqual(rtp(index));
    }
    const again = a.protectRtp(rtp(65_533));
    expect(Uint8Array.from(again)).toEqual(lost);
    expect(b.unprotectRtp(again)).toEqual(rtp(65_533));
    expect(b.unprotectRtp(a.protectRtp(rtp(65_541)))).toEqual(rtp(65_541));
  });

  it("goes round several times, with losses", () => {
    const { a, b } = connect(profile);
    const opened: number[] = [];
    for (let index = 30_000; index < 300_000; index += 9_000) {
      if (b.unprotectRtp(a.protectRtp(rtp(index))) !== undefined) opened.push(index);
    }
    expect(opened).toHaveLength(30);
  });

  it("is not moved by forged packets", () => {
    const { a, b } = connect(profile);
    expect(b.unprotectRtp(a.protectRtp(rtp(10)))).toBeDefined();
    for (const index of [20_000, 32_000, 65_535]) {
      expect(b.unprotectRtp(Uint8Array.of(...rtp(index), ...new Uint8Array(16)))).toBeUndefined();
    }
    expect(b.unprotectRtp(a.protectRtp(rtp(11)))).toEqual(rtp(11));
  });
});

describe("the replay window", () => {
  it("knows the last 1,024 indices, and refuses older ones", () => {
    const window = new ReplayWindow(1024);
    window.add(5000);
    expect(window.accepts(5000 - 1023)).toBe(true);
    expect(window.accepts(5000 - 1024)).toBe(false);
    expect(window.accepts(5000)).toBe(false);
    expect(window.highest).toBe(5000);
  });

  it("says of any sequence what a set would say", () => {
    const size = 64;
    const steps = fc.array(
      fc.oneof(fc.integer({ min: -70, max: 3 }), fc.integer({ min: -10, max: 200 })),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(steps, (moves) => {
        const window = new ReplayWindow(size);
        const seen = new Set<number>();
        let highest = -1;
        for (const move of moves) {
          const index = Math.max(0, highest + move);
          const fresh = index > highest || (highest - index < size && !seen.has(index));
          expect(window.accepts(index)).toBe(fresh);
          if (!fresh) continue;
          window.add(index);
          seen.add(index);
          highest = Math.max(highest, index);
        }
      }),
    );
  });
});

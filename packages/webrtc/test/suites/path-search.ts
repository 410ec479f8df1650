import { describe, expect, it } from "vitest";
import { failOnLeaks, FakeClock } from "@conic/internal-testing";
import { createPeers, next } from "../peers.js";

/** Of any platform: no path is found. */
export function describePathSearch(): void {
  describe("a search for a path that finds none", () => {
    failOnLeaks();

    it("starts over after pathTimeoutMs, and the second one may find it", async () => {
      let offers = 0;
      const clock = new FakeClock();
      const options = { clock, pathTimeoutMs: 500 };
      await using peers = createPeers({
        a: options,
        b: options,
        // The candidates of the first attempt get lost, on both ways.
        pass: (_from, signal) => {
          if (signal.kind === "description" && signal.description.type === "offer") offers += 1;
          return signal.kind !== "candidate" || offers > 1;
        },
      });
      const near = peers.a.createDataChannel("chat");
      // Time passes until the second attempt begins, which then has all the time that it needs.
      await expect
        .poll(() => {
          if (offers === 1) clock.advance(50);
          return offers;
        })
        .toBe(2);
      const far = await next(peers.b.dataChannels());
      await near.opened;
      near.send("found");
      expect(await next(far)).toBe("found");
      expect((await peers.a.getStats()).attempts).toBe(2);
    });

    it("starts over after 2 s, once, when the remote shows nothing at all", async () => {
      const offeredAt: number[] = [];
      const clock = new FakeClock();
      const options = { clock, pathTimeoutMs: 4000 };
      await using peers = createPeers({
        a: options,
        b: options,
        pass: (_from, signal) => {
          const isOffer = signal.kind === "description" && signal.description.type === "offer";
          if (isOffer) offeredAt.push(clock.now());
          return signal.kind !== "candidate" || offeredAt.length > 2;
        },
      });
      const near = peers.a.createDataChannel("chat");
      await expect
        .poll(() => {
          if (offeredAt.length < 3) clock.advance(50);
          return offeredAt.length;
        })
        .toBe(3);
      await near.opened;
      const [first = NaN, second = NaN, third = NaN] = offeredAt;
      expect(second - first).toBeGreaterThanOrEqual(2000);
      expect(second - first).toBeLessThan(4000);
      expect(third - second).toBeGreaterThanOrEqual(4000);
    });

    it("ends with the connect timeout when there is none", async () => {
      await using peers = createPeers({
        a: { pathTimeoutMs: 200, connectTimeoutMs: 900 },
        b: { pathTimeoutMs: 200, connectTimeoutMs: 900 },
        pass: (_from, signal) => signal.kind !== "candidate",
      });
      const near = peers.a.createDataChannel("chat");
      await expect(near.opened).rejects.toMatchObject({ code: "timeout" });
      expect((await peers.a.closed).error?.code).toBe("timeout");
    });
  });
}

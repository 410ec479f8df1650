import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSignalServer, type SignalServer } from "../../src/signal-server.js";
import { call, good, seconds, testTimeoutMs } from "./support/media.js";

let server: SignalServer;
beforeAll(async () => {
  server = await startSignalServer();
});
afterAll(() => server[Symbol.asyncDispose]());

interface Order {
  readonly first: number;
  readonly last: number;
  readonly counted: number;
  readonly unread: number;
  readonly broken: number;
  readonly missingCount: number;
  readonly outOfOrder: number;
}

describe("the counted pattern through a call", () => {
  it(
    "arrives with every frame, in order, as the receiver reads in the pictures",
    async () => {
      const { answer, offer, exits } = await call(
        server.url,
        ["video", "--verify"],
        ["video", "--size=640x480", "--fps=30", `--duration=${seconds}`],
      );
      expect(exits).toEqual(good);
      const totals = await offer.event("ended");
      const { video: sent } = totals["sent"] as { video: { frames: number; skipped: number } };
      // A machine that is busy with other things leaves frames out at the source, and says so.
      expect(sent.frames + sent.skipped).toBe(seconds * 30);
      const ended = await answer.event("ended");
      const { video } = ended["received"] as {
        video: { frames: number; lost: number; order: Order };
      };
      expect(video).toMatchObject({ frames: sent.frames, lost: 0 });
      expect(video.order).toMatchObject({
        first: 0,
        counted: sent.frames,
        unread: 0,
        broken: 0,
        outOfOrder: 0,
      });
      expect(video.order.missingCount).toBeLessThanOrEqual(sent.skipped);
      expect(answer.of("frame-lost")).toEqual([]);
      await answer.stderr.line(
        new RegExp(String.raw`frames 0–\d+ in order, ${video.order.missingCount} missing`),
      );
    },
    testTimeoutMs,
  );

  it("both kinds in one call end together", async () => {
    const { answer, offer, exits } = await call(
      server.url,
      ["av", "--verify"],
      ["av", "--size=320x240", "--fps=15", "--duration=2", "--bitrate=300000"],
    );
    expect(exits).toEqual(good);
    expect(offer.of("track")).toHaveLength(2);
    const { received } = (await answer.event("ended")) as unknown as {
      received: { audio: { frames: number; lost: number }; video: { lost: number; order: Order } };
    };
    expect(received.audio.frames).toBeGreaterThanOrEqual(100);
    expect(received).toMatchObject({
      audio: { lost: 0 },
      video: { lost: 0, order: { first: 0, broken: 0, outOfOrder: 0 } },
    });
  });
});

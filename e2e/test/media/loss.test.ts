import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LossyPath } from "../../src/lossy-path.js";
import { startSignalServer, type SignalServer } from "../../src/signal-server.js";
import { call, good, seconds, type MediaProgram } from "./support/media.js";

let server: SignalServer;
beforeAll(async () => {
  server = await startSignalServer();
});
afterAll(() => server[Symbol.asyncDispose]());

interface Received {
  readonly video: {
    readonly frames: number;
    readonly lost: number;
    readonly repaired: number;
    readonly order: {
      readonly missingCount: number;
      readonly outOfOrder: number;
      readonly broken: number;
    };
  };
}

describe("a path that loses 2 % of the packets", () => {
  it("costs no frame that is not told of; what is lost is asked for, and comes again", async () => {
    let packets = 0;
    await using path = await LossyPath.open(server.url, () => (packets += 1) % 50 !== 0);
    const { answer, offer, exits } = await call(
      path.url,
      ["video", "--verify"],
      ["video", "--size=640x480", "--fps=30", `--duration=${seconds}`],
    );
    expect(exits).toEqual(good);
    const { sent } = (await offer.event("ended")) as unknown as {
      sent: { video: { frames: number; skipped: number } };
    };
    const { received } = (await answer.event("ended")) as unknown as { received: Received };
    const { video } = received;
    expect(path.lost).toBeGreaterThan(0);
    expect(video.repaired).toBeGreaterThan(0);
    expect(video.frames + video.lost).toBe(sent.video.frames);
    expect(video.order).toMatchObject({ outOfOrder: 0, broken: 0 });
    // What the pictures do not show was left out at the source, or was told as lost.
    expect(video.order.missingCount).toBeLessThanOrEqual(sent.video.skipped + video.lost);
    const told = answer.of("frame-lost").map(({ lost }) => Number(lost));
    expect(told.reduce((sum, lost) => sum + lost, 0)).toBe(video.lost);
  });
});

interface Flow {
  readonly targetKbps: number;
  readonly fps: number;
}

/** What `stats` of each second says about video. */
function flows(program: MediaProgram): Flow[] {
  return program.of("stats").flatMap((event) => (event as unknown as { flows: Flow[] }).flows);
}

describe("a path that begins to lose 15 % of the packets", () => {
  it("is sent fewer bits a second, and frames go on", async () => {
    let packets = 0;
    let sender: MediaProgram | undefined;
    await using path = await LossyPath.open(server.url, () => {
      packets += 1;
      // After two seconds of statistics.
      return (sender?.of("stats").length ?? 0) < 2 || (packets * 3) % 20 >= 3;
    });
    const { answer, offer, exits } = await call(
      path.url,
      ["video"],
      ["video", "--size=320x240", "--fps=30", "--bitrate=800000", "--duration=8"],
      (started) => {
        sender = started;
      },
    );
    expect(exits).toEqual(good);
    const sent = flows(offer);
    expect(sent[0]?.targetKbps).toBe(800);
    expect(sent.at(-1)?.targetKbps).toBeLessThan(680);
    expect(sent.at(-1)?.targetKbps).toBeGreaterThanOrEqual(100);
    const { received } = (await answer.event("ended")) as unknown as { received: Received };
    const { sent: totals } = (await offer.event("ended")) as unknown as {
      sent: { video: { frames: number } };
    };
    expect(path.lost).toBeGreaterThan(0);
    // Nothing tells of what is lost at the very end.
    expect(received.video.frames + received.video.lost).toBeLessThanOrEqual(totals.video.frames);
    expect(received.video.frames).toBeGreaterThan(totals.video.frames / 2);
    const lossy = flows(answer).slice(5);
    expect(lossy.filter(({ fps }) => fps > 0).length).toBeGreaterThanOrEqual(2);
  });
});

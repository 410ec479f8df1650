import { failOnLeaks, seededRandom } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import { VideoTrack } from "../../src/index.js";
import { TrackSender, type SenderOutlet } from "../../src/media/track-sender.js";
import { createPeers, next } from "../peers.js";
import { UdpPath } from "../udp-path.js";
import { feedVideo, take } from "./chunks.js";

failOnLeaks();

/** A stream that carries so much, and what its track was limited to. */
class Outlet implements SenderOutlet {
  targetBitrate: number;
  limits: number[] = [];

  constructor(targetBitrate: number) {
    this.targetBitrate = targetBitrate;
  }

  send(): boolean {
    return true;
  }

  limit(maxBitrate: number): void {
    this.limits.push(maxBitrate);
    this.targetBitrate = Math.min(this.targetBitrate, maxBitrate);
  }

  stats(): ReturnType<SenderOutlet["stats"]> {
    // Nothing else of it is read here.
    return { targetBitrate: this.targetBitrate } as ReturnType<SenderOutlet["stats"]>;
  }
}

function videoTo(...targets: number[]) {
  const track = new VideoTrack({ maxBitrate: 1_000_000 });
  const heard: number[] = [];
  track.on("targetbitrate", (bits) => heard.push(bits));
  const remotes = targets.map((target) => {
    const [sender, outlet] = [new TrackSender(track), new Outlet(target)];
    sender.setOutlet(outlet, true);
    return { sender, outlet };
  });
  return { track, heard, remotes };
}

describe("the target bitrate of a video", () => {
  it("is that of the thinnest path, and tells when it changes alone", () => {
    const { track, heard, remotes } = videoTo(1_000_000, 400_000, 700_000);
    expect(heard).toEqual([400_000]);
    track.refreshTargetBitrate();
    expect(heard).toEqual([400_000]);
    const [first] = remotes;
    if (first !== undefined) first.outlet.targetBitrate = 300_000;
    track.refreshTargetBitrate();
    expect(heard).toEqual([400_000, 300_000]);
  });

  it("grows when the remote with the thinnest path goes, and stays when nobody is left", () => {
    const { heard, remotes } = videoTo(1_000_000, 400_000);
    const [wide, thin] = remotes;
    thin?.sender.setOutlet(thin.outlet, false);
    expect(heard).toEqual([400_000, 1_000_000]);
    wide?.sender.setOutlet(undefined, false);
    expect(heard).toEqual([400_000, 1_000_000]);
  });

  it("goes no further than the maximum of the track, also of one that takes its place", () => {
    const { track, heard, remotes } = videoTo(5_000_000);
    expect(heard).toEqual([]);
    const small = new VideoTrack({ maxBitrate: 200_000 });
    remotes[0]?.sender.replaceTrack(small);
    expect(remotes[0]?.outlet.limits).toEqual([1_000_000, 200_000]);
    track.refreshTargetBitrate();
    expect(heard).toEqual([]);
  });

  it.each([0, -5, Number.NaN, Number.POSITIVE_INFINITY])(
    "refuses %d as a maximum",
    (maxBitrate) => {
      const refused: unknown = expect.objectContaining({ code: "invalid_argument" });
      expect(() => new VideoTrack({ maxBitrate })).toThrow(refused);
    },
  );

  it("is lowered over a path that loses a quarter of the packets, while frames go on", async () => {
    const random = seededRandom(5);
    await using path = await UdpPath.create();
    const loopback = { hostAddresses: ["127.0.0.1"] };
    await using peers = createPeers({ rewrite: path.rewrite, a: loopback, b: loopback });
    const track = new VideoTrack({ maxBitrate: 1_000_000 });
    peers.a.addTrack(track);
    const remote = await next(peers.b.tracks());
    const stop = feedVideo(track, 10, 4_000);
    await take(remote, 10);
    const lowered = new Promise<number>((resolve) => void track.on("targetbitrate", resolve));
    path.filter = (_, datagram) => (datagram[0] ?? 0) < 128 || random() >= 0.25;
    const target = await lowered;
    expect(target).toBeLessThan(1_000_000);
    const { outboundRtp } = await peers.a.getStats();
    expect(outboundRtp[0]?.targetBitrate).toBeLessThanOrEqual(target);
    await take(remote, 10);
    stop();
  });
});

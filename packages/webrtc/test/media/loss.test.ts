import { failOnLeaks, seededRandom } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import { AudioTrack, VideoTrack } from "../../src/index.js";
import { createPeers, next } from "../peers.js";
import { UdpPath } from "../udp-path.js";
import { feedAudio, feedVideo, numberOf, take, takeUntilLoss } from "./chunks.js";

failOnLeaks();

/** RFC 5761 section 4: RTP and not RTCP. */
function isMedia(datagram: Buffer): boolean {
  const [first = 0, second = 0] = datagram;
  return first >= 128 && first <= 191 && !(second >= 192 && second <= 223);
}

const loopback = { hostAddresses: ["127.0.0.1"] };

describe("a path that loses packets", () => {
  it("loses no frame at 2 %: what is lost is asked for and comes again", async () => {
    const random = seededRandom(4);
    await using path = await UdpPath.create();
    await using peers = createPeers({ rewrite: path.rewrite, a: loopback, b: loopback });
    const track = new VideoTrack();
    peers.a.addTrack(track);
    const remote = await next(peers.b.tracks());
    let lost = 0;
    path.filter = (_, datagram) => {
      const isLost = isMedia(datagram) && random() < 0.02;
      if (isLost) lost += 1;
      return !isLost;
    };
    const stop = feedVideo(track, 8, 6_000);
    const chunks = await take(remote, 150);
    stop();
    const numbers = chunks.map(numberOf);
    expect(lost).toBeGreaterThan(3);
    expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index));
    const { inboundRtp } = await peers.b.getStats();
    expect(inboundRtp[0]?.nackCount).toBeGreaterThan(0);
    expect(inboundRtp[0]?.packetsRepaired).toBeGreaterThan(0);
    const { outboundRtp } = await peers.a.getStats();
    expect(outboundRtp[0]?.retransmittedPacketsSent).toBeGreaterThan(0);
  });

  it("that breaks for longer than is waited for goes on with a key frame, and says what was lost", async () => {
    await using path = await UdpPath.create();
    await using peers = createPeers({ rewrite: path.rewrite, a: loopback, b: loopback });
    const track = new VideoTrack();
    peers.a.addTrack(track);
    const remote = await next(peers.b.tracks());
    const stop = feedVideo(track, 8, 2_000);
    const first = await take(remote, 10);
    path.filter = (from, datagram) => !(isMedia(datagram) && from === "alice");
    await new Promise((resolve) => void setTimeout(resolve, 1_800));
    path.filter = () => true;
    const chunks = await takeUntilLoss(remote);
    const [before, after] = [...first, ...chunks].slice(-2);
    expect(after?.type).toBe("key");
    expect(after && numberOf(after)).toBeGreaterThan(1 + (before ? numberOf(before) : 0));
    await take(remote, 10);
    stop();
    const { inboundRtp } = await peers.b.getStats();
    expect(inboundRtp[0]?.pliCount).toBeGreaterThan(0);
  });

  it("gives audio without what was lost, and says how many packets are missing", async () => {
    await using path = await UdpPath.create();
    await using peers = createPeers({ rewrite: path.rewrite, a: loopback, b: loopback });
    const track = new AudioTrack();
    peers.a.addTrack(track);
    const remote = await next(peers.b.tracks());
    const stop = feedAudio(track);
    const first = await take(remote, 5);
    let drop = 3;
    path.filter = (_, datagram) => {
      if (!isMedia(datagram) || drop === 0) return true;
      drop -= 1;
      return false;
    };
    const chunks = await takeUntilLoss(remote);
    stop();
    const [before, after] = [...first, ...chunks].slice(-2).map(numberOf);
    expect(chunks.at(-1)?.lostBefore).toBe(3);
    expect(after).toBe((before ?? 0) + 1 + 3);
  });
});

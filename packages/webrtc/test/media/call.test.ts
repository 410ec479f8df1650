import { failOnLeaks } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import { AudioTrack, VideoTrack, type RemoteTrack } from "../../src/index.js";
import { createPeers, next, openChannel } from "../peers.js";
import { feedAudio, feedVideo, numberOf, opusPacket, take, vp8Frame } from "./chunks.js";

failOnLeaks();

describe("a call with media", () => {
  it("carries Opus packets in order, with the timestamps that they were written with", async () => {
    await using peers = createPeers();
    const track = new AudioTrack({ id: "voice", streamId: "talk" });
    peers.a.addTrack(track);
    const remote = await next(peers.b.tracks());
    const stop = feedAudio(track);
    const chunks = await take(remote, 50);
    stop();
    expect(remote).toMatchObject({ kind: "audio", id: "voice", streamId: "talk", muted: false });
    const numbers = chunks.map(numberOf);
    expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index));
    expect(chunks.map((chunk) => chunk.timestamp)).toEqual(
      chunks.map((_, index) => index * 20_000),
    );
    expect(chunks.map((chunk) => chunk.lostBefore)).toEqual(chunks.map(() => 0));
    expect(chunks[0]?.data).toEqual(opusPacket(numbers[0] ?? 0).data);
  });

  it("carries VP8 frames of many packets, the first of them a key frame", async () => {
    await using peers = createPeers();
    const track = new VideoTrack();
    peers.a.addTrack(track);
    const remote = await next(peers.b.tracks());
    const stop = feedVideo(track, 10, 20_000);
    const chunks = await take(remote, 30);
    stop();
    const numbers = chunks.map(numberOf);
    expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index));
    expect(chunks[0]).toMatchObject({ type: "key", timestamp: 0 });
    expect(chunks.slice(1).every((chunk) => chunk.type === "delta")).toBe(true);
    expect(chunks[5]?.data).toEqual(vp8Frame(numbers[5] ?? 0, "delta", 20_000).data);
    const { outboundRtp } = await peers.a.getStats();
    expect(outboundRtp[0]).toMatchObject({ kind: "video", keyFramesSent: 1 });
    const { inboundRtp } = await peers.b.getStats();
    expect(inboundRtp[0]).toMatchObject({ kind: "video", packetsLost: 0, keyFramesReceived: 1 });
    expect(inboundRtp[0]?.framesReceived).toBeGreaterThanOrEqual(30);
  });

  it("goes both ways, with data channels beside it, on one transport", async () => {
    await using peers = createPeers();
    const [near, far] = await openChannel(peers);
    const tracks = [
      new AudioTrack(),
      new VideoTrack(),
      new AudioTrack(),
      new VideoTrack(),
    ] as const;
    peers.a.addTrack(tracks[0]);
    peers.a.addTrack(tracks[1]);
    peers.b.addTrack(tracks[2]);
    peers.b.addTrack(tracks[3]);
    const stops = feedAll(tracks);
    const [atA, atB] = await Promise.all([firstTracks(peers.a, 2), firstTracks(peers.b, 2)]);
    await Promise.all([...atA, ...atB].map((track) => take(track, 10)));
    stops();
    near.send("still here");
    expect(await next(far)).toBe("still here");
    expect(atB.map(({ id }) => id).toSorted()).toEqual([tracks[0].id, tracks[1].id].toSorted());
    expect(atA.map(({ id }) => id).toSorted()).toEqual([tracks[2].id, tracks[3].id].toSorted());
  });

  it("tells the application of the offer that the tracks of the remote end with the connection", async () => {
    await using peers = createPeers();
    const track = new AudioTrack();
    peers.a.addTrack(track);
    const remote = await next(peers.b.tracks());
    const stop = feedAudio(track);
    await take(remote, 5);
    await peers.a.close();
    stop();
    await remote.ended;
    await peers.b.closed;
    expect(remote.readyState).toBe("ended");
    for await (const chunk of remote) expect(chunk.data.length).toBe(40);
    expect(track.write(opusPacket(1_000))).toBe(false);
  });
});

function feedAll(tracks: readonly (AudioTrack | VideoTrack)[]): () => void {
  const stops = tracks.map((track) =>
    track instanceof AudioTrack ? feedAudio(track) : feedVideo(track),
  );
  return () => {
    for (const stop of stops) stop();
  };
}

async function firstTracks(
  peer: { tracks(): AsyncIterable<RemoteTrack> },
  count: number,
): Promise<RemoteTrack[]> {
  const found: RemoteTrack[] = [];
  for await (const track of peer.tracks()) {
    found.push(track);
    if (found.length === count) break;
  }
  return found;
}

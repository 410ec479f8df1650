import { failOnLeaks, seededRandom } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import { AudioTrack, VideoTrack } from "../../src/index.js";
import { createPeers, next } from "../peers.js";
import { feedAudio, feedVideo, numberOf, take } from "./chunks.js";

failOnLeaks();

describe("tracks during a call", () => {
  it("are added and removed, and added again", async () => {
    await using peers = createPeers();
    const audio = new AudioTrack();
    peers.a.addTrack(audio);
    const heard = await next(peers.b.tracks());
    const stopAudio = feedAudio(audio);
    await take(heard, 5);
    for (const round of [1, 2]) {
      const video = new VideoTrack({ id: `camera-${round}` });
      const sender = peers.a.addTrack(video);
      const seen = await next(peers.b.tracks());
      expect(seen.id).toBe(`camera-${round}`);
      const stopVideo = feedVideo(video);
      expect((await take(seen, 5))[0]?.type).toBe("key");
      peers.a.removeTrack(sender);
      await seen.ended;
      stopVideo();
      expect(sender.active).toBe(false);
    }
    await take(heard, 5);
    stopAudio();
    expect(peers.a.senders().map(({ track }) => track)).toEqual([audio]);
  });

  it("come from the other side too, in the sections that are there", async () => {
    await using peers = createPeers();
    const mine = new VideoTrack();
    peers.a.addTrack(mine);
    const seen = await next(peers.b.tracks());
    const theirs = new VideoTrack();
    peers.b.addTrack(theirs);
    const back = await next(peers.a.tracks());
    expect(back.mid).toBe(seen.mid);
    const stops = [feedVideo(mine), feedVideo(theirs)];
    await Promise.all([take(seen, 10), take(back, 10)]);
    for (const stop of stops) stop();
  });

  it("may be several of a kind, each told apart", async () => {
    await using peers = createPeers();
    const tracks = Array.from(
      { length: 4 },
      (_, index) => new VideoTrack({ id: `camera-${index}` }),
    );
    for (const track of tracks) peers.a.addTrack(track);
    const stops = tracks.map((track, index) => feedVideo(track, 8, 1_000 + 100 * index));
    let seen = 0;
    for await (const track of peers.b.tracks()) {
      const [chunk] = await take(track, 1);
      expect(chunk?.data.length).toBe(1_000 + 100 * Number(track.id.slice(-1)));
      seen += 1;
      if (seen === tracks.length) break;
    }
    for (const stop of stops) stop();
  });

  it("are replaced without negotiation, with a key frame", async () => {
    let descriptions = 0;
    await using peers = createPeers({
      pass: (_, signal) => {
        if (signal.kind === "description") descriptions += 1;
        return true;
      },
    });
    const first = new VideoTrack();
    const second = new VideoTrack();
    const sender = peers.a.addTrack(first);
    const seen = await next(peers.b.tracks());
    const stops = [feedVideo(first, 6, 1_000), feedVideo(second, 6, 1_500)];
    await take(seen, 5);
    const before = descriptions;
    sender.replaceTrack(second);
    for await (const chunk of seen) {
      if (chunk.data.length === 1_000) continue;
      expect(chunk.type).toBe("key");
      break;
    }
    await take(seen, 5);
    for (const stop of stops) stop();
    expect(sender.track).toBe(second);
    expect(descriptions).toBe(before);
    expect(() => {
      sender.replaceTrack(new AudioTrack());
    }).toThrow("audio cannot take the place of video");
  });

  it("that are muted send nothing, and go on with a key frame", async () => {
    await using peers = createPeers();
    const track = new VideoTrack();
    peers.a.addTrack(track);
    const seen = await next(peers.b.tracks());
    const stop = feedVideo(track);
    await take(seen, 5);
    track.enabled = false;
    expect(track.write({ type: "key", timestamp: 0, duration: 0, data: new Uint8Array(9) })).toBe(
      false,
    );
    const before = (await peers.a.getStats()).outboundRtp[0]?.framesSent;
    track.enabled = true;
    for await (const chunk of seen) {
      if (chunk.type === "delta") continue;
      expect(chunk.lostBefore).toBe(0);
      break;
    }
    stop();
    expect(before).toBeGreaterThanOrEqual(5);
  });

  it.each([1, 2, 3, 4, 5, 6])(
    "cross on their way: both sides add some at once, seed %i",
    async (seed) => {
      const random = seededRandom(seed);
      await using peers = createPeers({
        ids: seed % 2 === 0 ? ["alice", "bob"] : ["bob", "alice"],
        carry: (_, deliver) => void setTimeout(deliver, 5),
      });
      const mine = [new AudioTrack(), new VideoTrack()];
      const theirs = [new AudioTrack(), new VideoTrack()];
      for (const track of mine) peers.a.addTrack(track);
      if (random() < 0.5) await new Promise((resolve) => void setTimeout(resolve, random() * 30));
      for (const track of theirs) peers.b.addTrack(track);
      const stops = [...mine, ...theirs].map((track) =>
        track instanceof AudioTrack ? feedAudio(track) : feedVideo(track),
      );
      const receive = async (peer: typeof peers.a, ids: string[]): Promise<void> => {
        const found = new Set<string>();
        for await (const track of peer.tracks()) {
          const chunks = await take(track, 5);
          expect(numberOf(chunks[1] as never)).toBeGreaterThan(numberOf(chunks[0] as never));
          found.add(track.id);
          if (ids.every((id) => found.has(id))) return;
        }
      };
      await Promise.all([
        receive(
          peers.a,
          theirs.map(({ id }) => id),
        ),
        receive(
          peers.b,
          mine.map(({ id }) => id),
        ),
      ]);
      for (const stop of stops) stop();
      expect([peers.a.signalingState, peers.b.signalingState]).toEqual(["stable", "stable"]);
    },
  );
});

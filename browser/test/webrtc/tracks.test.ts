import { failOnLeaks } from "@conic/internal-testing";
import { AudioTrack, VideoTrack, type RemoteTrack } from "@conic/webrtc";
import { describe, expect, it } from "vitest";
import { createPeers, next } from "../../../packages/webrtc/test/peers.js";

/** A picture that changes all the time. */
function picture(): { readonly track: MediaStreamTrack; readonly stop: () => void } {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d");
  let shade = 0;
  const paint = (): void => {
    shade = (shade + 16) % 256;
    if (context === null) return;
    context.fillStyle = `rgb(${shade}, 0, 0)`;
    context.fillRect(0, 0, canvas.width, canvas.height);
  };
  paint();
  const timer = setInterval(paint, 40);
  const [track] = canvas.captureStream(25).getVideoTracks();
  if (track === undefined) throw new Error("a canvas without a track");
  return {
    track,
    stop: () => {
      clearInterval(timer);
      track.stop();
    },
  };
}

async function flowing(track: RemoteTrack): Promise<void> {
  await expect.poll(() => track.muted).toBe(false);
}

describe("tracks of a page", () => {
  failOnLeaks();

  it("arrive as native tracks, with the stream that they were given, and end when removed", async () => {
    await using peers = createPeers();
    const source = picture();
    const sender = peers.a.addTrack(
      new VideoTrack({ mediaStreamTrack: source.track, streamId: "screen" }),
    );
    const remote = await next(peers.b.tracks());
    expect([remote.kind, remote.streamId, remote.readyState]).toEqual(["video", "screen", "live"]);
    expect(remote.mediaStreamTrack).toBeInstanceOf(MediaStreamTrack);
    await peers.a.connected;
    await flowing(remote);
    expect(sender.active).toBe(true);
    await expect
      .poll(async () => (await peers.b.getStats()).inboundRtp[0]?.framesReceived ?? 0)
      .toBeGreaterThan(2);
    expect((await peers.a.getStats()).outboundRtp[0]?.packetsSent).toBeGreaterThan(0);
    peers.a.removeTrack(sender);
    await remote.ended;
    expect(remote.readyState).toBe("ended");
    source.stop();
  });

  it("go both ways beside a channel, and are added during a call", async () => {
    await using peers = createPeers();
    const chat = peers.a.createDataChannel("chat");
    const far = await next(peers.b.dataChannels());
    await chat.opened;
    const [mine, theirs] = [picture(), picture()];
    peers.a.addTrack(new VideoTrack({ mediaStreamTrack: mine.track }));
    peers.b.addTrack(new VideoTrack({ mediaStreamTrack: theirs.track }));
    const [atB, atA] = await Promise.all([next(peers.b.tracks()), next(peers.a.tracks())]);
    expect([atB.kind, atA.kind]).toEqual(["video", "video"]);
    // Chromium 156 goes on calling a track muted whose offer crossed another one, though it plays.
    for (const peer of [peers.a, peers.b]) {
      await expect
        .poll(async () => (await peer.getStats()).inboundRtp[0]?.framesReceived ?? 0)
        .toBeGreaterThan(2);
    }
    chat.send("still here");
    expect(await next(far)).toBe("still here");
    expect((await peers.a.getStats()).attempts).toBe(1);
    mine.stop();
    theirs.stop();
  });

  it("are native ones alone: encoded chunks are for Node, and that is said", () => {
    expect(() => new VideoTrack({} as never)).toThrow(
      expect.objectContaining({ code: "unsupported" }) as Error,
    );
    const source = picture();
    const track = new VideoTrack({ mediaStreamTrack: source.track });
    expect(() => track.write({} as never)).toThrow(/chunks are for Node/);
    expect(() => new AudioTrack({ mediaStreamTrack: source.track })).toThrow(
      expect.objectContaining({ code: "invalid_argument" }) as Error,
    );
    let ended = 0;
    track.on("ended", () => (ended += 1));
    track.stop();
    track.stop();
    expect([ended, track.readyState]).toEqual([1, "ended"]);
    source.stop();
  });
});

import { failOnLeaks } from "@conic/internal-testing";
import type { ConicError, Signal } from "@conic/domain";
import { describe, expect, it } from "vitest";
import { AudioTrack, VideoTrack } from "../../src/index.js";
import { createPeers, next, openChannel } from "../peers.js";
import { feedAudio, take } from "./chunks.js";

failOnLeaks();

/** The offers of a remote that has another codec than VP8. */
function withoutVp8(_: string, signal: Signal): Signal {
  if (signal.kind !== "description" || signal.description.type !== "offer") return signal;
  const { type, sdp } = signal.description;
  return {
    kind: "description",
    description: { type, sdp: sdp.replaceAll("VP8/90000", "H264/90000") },
  };
}

describe("a codec that the other side lacks", () => {
  it("is reported on both sides, and the rest of the call goes on", async () => {
    const faults: string[] = [];
    await using peers = createPeers({ rewrite: withoutVp8 });
    const note = (error: ConicError): void => void faults.push(`${error.code}: ${error.message}`);
    peers.a.on("fault", note);
    peers.b.on("fault", note);
    const audio = new AudioTrack();
    const video = peers.a.addTrack(new VideoTrack());
    peers.a.addTrack(audio);
    const heard = await next(peers.b.tracks());
    const stop = feedAudio(audio);
    await take(heard, 5);
    stop();
    expect(heard.kind).toBe("audio");
    expect(video.active).toBe(false);
    expect(faults).toEqual([
      "unsupported: alice offers video that cannot be taken (H264/90000); Opus and VP8 can",
      "unsupported: bob does not take video (VP8)",
    ]);
  });

  it("leaves data channels as they are", async () => {
    await using peers = createPeers({ rewrite: withoutVp8 });
    const [near, far] = await openChannel(peers);
    peers.a.addTrack(new VideoTrack());
    const fault = await new Promise<ConicError>((resolve) => void peers.a.on("fault", resolve));
    near.send("hello");
    expect(await next(far)).toBe("hello");
    expect(fault.code).toBe("unsupported");
    expect(peers.a.connectionState).toBe("connected");
  });
});

describe("a track that cannot be added", () => {
  it("is one that is sent already, or has ended, or comes too late", async () => {
    await using peers = createPeers();
    const track = new AudioTrack();
    const sender = peers.a.addTrack(track);
    expect(() => peers.a.addTrack(track)).toThrow("is being sent to this peer already");
    const ended = new AudioTrack();
    ended.stop();
    expect(() => peers.a.addTrack(ended)).toThrow("the track has ended");
    expect(() => {
      peers.b.removeTrack(sender);
    }).toThrow("belongs to another connection");
    peers.a.removeTrack(sender);
    peers.a.removeTrack(sender);
    expect(() => {
      sender.replaceTrack(null);
    }).toThrow("the sender was removed");
    await peers.a.close();
    expect(() => peers.a.addTrack(new AudioTrack())).toThrow("is closed");
  });

  it("has an id that SDP cannot carry", () => {
    expect(() => new AudioTrack({ id: "two words" })).toThrow("the id of a track is");
    expect(() => new VideoTrack({ streamId: "" })).toThrow("the streamId of a track is");
  });
});

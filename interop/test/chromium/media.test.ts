import { levelOf } from "@conic/audio";
import { createOpusCodec } from "@conic/codec-opus";
import { createVp8Codec } from "@conic/codec-vp8";
import { countedPattern, psnr, readFrameCounter } from "@conic/video";
import { PeerConnection, type RemoteTrack } from "@conic/webrtc";
import type { VideoFrame } from "@conic/domain";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Chromium } from "../../src/chromium.js";
import type { MediaPage } from "../../src/media/media-page.js";
import { frameOf, type Picture } from "../../src/media/picture.js";
import { Studio, pictureSize } from "../../src/media/studio.js";

let chromium: Chromium;
beforeAll(async () => {
  chromium = await Chromium.start({ devices: true });
});
afterAll(async () => {
  await chromium[Symbol.asyncDispose]();
});

async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  await expect.poll(condition, { message: what }).toBe(true);
}

/** The next track of a kind. */
async function trackOf(peer: PeerConnection, kind: "audio" | "video"): Promise<RemoteTrack> {
  for await (const track of peer.tracks()) if (track.kind === kind) return track;
  throw new Error("the connection closed");
}

async function pageAndPeer(): Promise<AsyncDisposable & { page: MediaPage; peer: PeerConnection }> {
  const page = await chromium.mediaPeer();
  const peer = new PeerConnection({ signaling: page.signaling, polite: false });
  return {
    page,
    peer,
    [Symbol.asyncDispose]: async () => {
      await peer.close();
      await page[Symbol.asyncDispose]();
    },
  };
}

interface Both {
  readonly page: MediaPage;
  readonly peer: PeerConnection;
}

/** What has come to the page so far, and what this side sent. */
async function figures({ page, peer }: Both) {
  const { outboundRtp } = await peer.getStats();
  return {
    sent: outboundRtp.find(({ kind }) => kind === "video")?.framesSent ?? 0,
    lost: outboundRtp.reduce((sum, { remotePacketsLost }) => sum + remotePacketsLost, 0),
    decoded: await page.inbound("video", "framesDecoded"),
    freezes: await page.inbound("video", "freezeCount"),
    energy: await page.inbound("audio", "totalAudioEnergy"),
  };
}

/** What about a second of the call is like in the page. */
async function aSecond(both: Both) {
  const before = await figures(both);
  const frequency = await both.page.frequency();
  const after = await figures(both);
  const sent = after.sent - before.sent;
  return {
    hasTone: Math.abs(frequency - 440) < 5,
    hasSound: after.energy > before.energy,
    // 30 a second on a machine that can encode as many; what is sent is what is decoded on any.
    hasFrames: sent > 10 && after.decoded - before.decoded > 0.8 * sent,
    freezes: after.freezes - before.freezes,
    lost: after.lost - before.lost,
  };
}

describe("Chromium plays what this side sends", () => {
  it("every frame, each pixel of it, and the tone", async () => {
    await using both = await pageAndPeer();
    await using studio = await Studio.open(440);
    const { page, peer } = both;
    peer.addTrack(studio.audio);
    peer.addTrack(studio.video);
    await until("30 frames", async () => (await page.inbound("video", "framesDecoded")) >= 30);
    // A busy machine has worse seconds than this.
    const faultless = { hasTone: true, hasSound: true, hasFrames: true, freezes: 0, lost: 0 };
    await expect.poll(() => aSecond(both)).toEqual(faultless);

    const picture = await page.picture();
    const frame = frameOf(picture as Picture);
    const counter = readFrameCounter(frame);
    expect(counter).toBeGreaterThan(30);
    const original = countedPattern({ ...pictureSize, framerate: 30 }).frameAt(counter ?? 0);
    expect(psnr(frame, original)).toBeGreaterThan(30);
    expect(await page.faults()).toEqual([]);
    const { outboundRtp } = await peer.getStats();
    expect(outboundRtp.map(({ kind }) => kind)).toEqual(["audio", "video"]);
  });
});

describe("this side takes what Chromium sends", () => {
  it("its camera and its microphone, decoded without an error", async () => {
    await using both = await pageAndPeer();
    const { page, peer } = both;
    await page.startSending("audio");
    await page.startSending("video");
    const [opus, vp8] = [createOpusCodec(), createVp8Codec()];
    using decoder = await opus.createDecoder({ numberOfChannels: 1 });
    let loudest = 0;
    let packets = 0;
    const seenAll = new AbortController();
    const heard = await trackOf(peer, "audio");
    const listen = (async () => {
      for await (const chunk of heard) {
        loudest = Math.max(loudest, levelOf(decoder.decode(chunk.data)).peak);
        packets += 1;
        if (packets >= 150 && seenAll.signal.aborted) return;
      }
    })();
    const seen = await trackOf(peer, "video");
    await using pictures = await vp8.createDecoder();
    const types: string[] = [];
    let shown: VideoFrame | undefined;
    const chunks = seen[Symbol.asyncIterator]();
    const look = async (frames: number): Promise<void> => {
      for (let i = 0; i < frames; i += 1) {
        const { value: chunk } = await chunks.next();
        if (chunk === undefined) throw new Error("the track ended");
        types.push(chunk.type);
        shown = await pictures.decode(chunk);
      }
    };
    await look(30);
    // Where this process was late, the kernel dropped what it had no room for.
    const lost = async (): Promise<number> =>
      (await peer.getStats()).inboundRtp.reduce((sum, { packetsLost }) => sum + packetsLost, 0);
    const lostInThirty = async (): Promise<number> => {
      const before = await lost();
      await look(30);
      return (await lost()) - before;
    };
    await expect.poll(lostInThirty).toBe(0);
    seenAll.abort();
    await listen;
    expect(types[0]).toBe("key");
    expect(shown?.codedWidth).toBeGreaterThanOrEqual(320);
    expect(new Set(shown?.data.subarray(0, 10_000)).size).toBeGreaterThan(3);
    expect(loudest).toBeGreaterThan(0.05);
    expect((await peer.getStats()).inboundRtp).toHaveLength(2);
    expect(await page.faults()).toEqual([]);
  });

  it("while it adds and removes its camera, with both sides sending", async () => {
    await using both = await pageAndPeer();
    await using studio = await Studio.open();
    const { page, peer } = both;
    peer.addTrack(studio.video);
    await until("10 frames", async () => (await page.inbound("video", "framesDecoded")) >= 10);
    for (const round of [1, 2]) {
      await page.startSending("video");
      const seen = await trackOf(peer, "video");
      let frames = 0;
      for await (const chunk of seen) {
        expect(chunk.data.length, `round ${round}`).toBeGreaterThan(0);
        frames += 1;
        if (frames === 10) break;
      }
      await page.stopSending("video");
      await seen.ended;
    }
    const before = await page.inbound("video", "framesDecoded");
    await until("more frames", async () => (await page.inbound("video", "framesDecoded")) > before);
    expect(peer.connectionState).toBe("connected");
    expect(await page.faults()).toEqual([]);
  });
});

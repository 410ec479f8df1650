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
  const deadline = performance.now() + 15_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not within 15 s: ${what}`);
    await new Promise((resolve) => void setTimeout(resolve, 50));
  }
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

/** Frames that the page decoded, and that this side sent. */
async function bothCounts({ page, peer }: { page: MediaPage; peer: PeerConnection }) {
  const decoded = await page.inbound("video", "framesDecoded");
  const { outboundRtp } = await peer.getStats();
  return [decoded, outboundRtp.find(({ kind }) => kind === "video")?.framesSent ?? 0] as const;
}

describe("Chromium plays what this side sends", () => {
  it("every frame, each pixel of it, and the tone", async () => {
    await using both = await pageAndPeer();
    await using studio = await Studio.open(440);
    const { page, peer } = both;
    peer.addTrack(studio.audio);
    peer.addTrack(studio.video);
    await until("30 frames", async () => (await page.inbound("video", "framesDecoded")) >= 30);
    const energy = await page.inbound("audio", "totalAudioEnergy");
    const [decodedBefore, sentBefore] = await bothCounts(both);
    expect(await page.frequency()).toBeCloseTo(440, -1);
    const [decoded, sent] = await bothCounts(both);
    // 30 a second on a machine that can encode as many; what is sent is what is decoded on any.
    expect(sent - sentBefore).toBeGreaterThan(10);
    expect(decoded - decodedBefore).toBeGreaterThan(0.8 * (sent - sentBefore));
    expect(await page.inbound("audio", "totalAudioEnergy")).toBeGreaterThan(energy);

    const picture = await page.picture();
    const frame = frameOf(picture as Picture);
    const counter = readFrameCounter(frame);
    expect(counter).toBeGreaterThan(30);
    const original = countedPattern({ ...pictureSize, framerate: 30 }).frameAt(counter ?? 0);
    expect(psnr(frame, original)).toBeGreaterThan(30);
    expect(await page.inbound("video", "freezeCount")).toBe(0);
    expect(await page.faults()).toEqual([]);
    const { outboundRtp } = await peer.getStats();
    expect(outboundRtp.map(({ kind }) => kind)).toEqual(["audio", "video"]);
    expect(outboundRtp.every(({ remotePacketsLost }) => remotePacketsLost === 0)).toBe(true);
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
    const heard = await trackOf(peer, "audio");
    const listen = (async () => {
      for await (const chunk of heard) {
        loudest = Math.max(loudest, levelOf(decoder.decode(chunk.data)).peak);
        packets += 1;
        if (packets === 150) return;
      }
    })();
    const seen = await trackOf(peer, "video");
    await using pictures = await vp8.createDecoder();
    const types: string[] = [];
    let shown: VideoFrame | undefined;
    for await (const chunk of seen) {
      types.push(chunk.type);
      shown = await pictures.decode(chunk);
      if (types.length === 60) break;
    }
    await listen;
    expect(types[0]).toBe("key");
    expect(shown?.codedWidth).toBeGreaterThanOrEqual(320);
    expect(new Set(shown?.data.subarray(0, 10_000)).size).toBeGreaterThan(3);
    expect(loudest).toBeGreaterThan(0.05);
    const { inboundRtp } = await peer.getStats();
    expect(inboundRtp.every(({ packetsLost }) => packetsLost === 0)).toBe(true);
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

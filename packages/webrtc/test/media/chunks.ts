import type { EncodedChunk, ReceivedChunk } from "@conic/domain";
import type { AudioTrack, VideoTrack } from "../../src/index.js";

/** An Opus packet to look at: one frame of 20 ms (RFC 6716 section 3.1), the rest is its number. */
export function opusPacket(index: number): EncodedChunk {
  const data = new Uint8Array(40).fill(index & 0xff);
  data[0] = 0b0100_1000;
  new DataView(data.buffer).setUint32(4, index);
  return { type: "key", timestamp: index * 20_000, duration: 20_000, data };
}

/** A VP8 frame by its header (RFC 6386 section 9.1): 320x240, shown; the rest is its number. */
export function vp8Frame(index: number, type: "key" | "delta", bytes = 3_000): EncodedChunk {
  const data = new Uint8Array(bytes).fill(index & 0xff);
  data.set(
    type === "key"
      ? [0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xf0, 0x00]
      : [0x11, 0, 0, 1, 1, 1, 1, 1, 1, 1],
  );
  new DataView(data.buffer).setUint32(12, index);
  return { type, timestamp: Math.round((index * 1_000_000) / 30), duration: 33_333, data };
}

export function numberOf(chunk: EncodedChunk): number {
  const view = new DataView(chunk.data.buffer, chunk.data.byteOffset, chunk.data.byteLength);
  return view.getUint32(chunk.data.byteLength === 40 ? 4 : 12);
}

/** Writes packets faster than they would be played, from 0 on; until it is stopped. */
export function feedAudio(track: AudioTrack, everyMs = 4): () => void {
  let index = 0;
  const timer = setInterval(() => {
    track.write(opusPacket(index));
    index += 1;
  }, everyMs);
  return () => {
    clearInterval(timer);
  };
}

/** The same with frames: a key frame first, and whenever one is asked for. */
export function feedVideo(track: VideoTrack, everyMs = 6, bytes = 3_000): () => void {
  let index = 0;
  let wantsKey = true;
  const off = track.on("keyframerequest", () => {
    wantsKey = true;
  });
  const timer = setInterval(() => {
    const isTaken = track.write(vp8Frame(index, wantsKey ? "key" : "delta", bytes));
    if (isTaken) wantsKey = false;
    index += 1;
  }, everyMs);
  return () => {
    clearInterval(timer);
    off();
  };
}

/** The first `count` chunks. */
export async function take(
  source: AsyncIterable<ReceivedChunk>,
  count: number,
): Promise<ReceivedChunk[]> {
  const taken: ReceivedChunk[] = [];
  for await (const chunk of source) {
    taken.push(chunk);
    if (taken.length === count) return taken;
  }
  throw new Error(`the track ended after ${taken.length} chunks`);
}

/** Up to and with the first chunk that something is missing before. */
export async function takeUntilLoss(
  source: AsyncIterable<ReceivedChunk>,
): Promise<ReceivedChunk[]> {
  const taken: ReceivedChunk[] = [];
  for await (const chunk of source) {
    taken.push(chunk);
    if (chunk.lostBefore > 0) return taken;
  }
  throw new Error("the track ended, and nothing was lost");
}

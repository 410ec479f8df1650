import type { VideoFrame } from "@conic/domain";
import { describe, expect, it } from "vitest";
import { createVp8Codec } from "../src/index.js";
import {
  decodeAll,
  encodeAll,
  lumaOf,
  picture,
  present,
  psnrOf,
  rejection,
} from "./support/pictures.js";
import { watchWorkers } from "./support/workers.js";

const codec = createVp8Codec({ implementation: "libav" });
const size = { width: 320, height: 240 };

watchWorkers();

/** It takes whatever bits it is given. */
function noise(n: number): VideoFrame {
  const frame = picture(320, 240, n);
  for (let at = 0; at < 320 * 240; at += 1) {
    frame.data[at] = ((frame.data[at] ?? 0) + (((at * 7_919 + n * 104_729) >> 3) % 48)) & 255;
  }
  return frame;
}

describe("libvpx", () => {
  it("gives back 60 frames at 35 dB or more, with their times, in about the bits that were asked for", async () => {
    const bitrate = 300_000;
    await using encoder = await codec.createEncoder({ ...size, bitrate });
    await using decoder = await codec.createDecoder();
    const chunks = await encodeAll(encoder, 60);
    const frames = await decodeAll(decoder, chunks);
    for (const [n, frame] of frames.entries()) {
      const { codedWidth, codedHeight, timestamp, duration, data } = picture(320, 240, n);
      expect(frame).toMatchObject({ codedWidth, codedHeight, timestamp, duration });
      expect(frame.data).toHaveLength(data.length);
      expect(psnrOf(lumaOf(frame), data.subarray(0, 320 * 240))).toBeGreaterThanOrEqual(35);
    }
    const bits = 8 * chunks.reduce((sum, { data }) => sum + data.length, 0);
    expect(bits / 2).toBeLessThan(bitrate * 1.25);
    expect(bits / 2).toBeGreaterThan(bitrate * 0.05);
  });

  it("makes key frames first and where they are asked for, and nowhere else", async () => {
    await using encoder = await codec.createEncoder(size);
    const chunks = await encodeAll(encoder, 40, { keys: [7, 8, 30] });
    const keys = chunks.flatMap(({ type }, n) => (type === "key" ? [n] : []));
    expect(keys).toEqual([0, 7, 8, 30]);
    // What the bytes say, too (RFC 6386 section 9.1).
    expect(chunks.flatMap(({ data }, n) => (((data[0] ?? 1) & 1) === 0 ? [n] : []))).toEqual(keys);
  });

  it("takes a new bitrate from the next frame on, which is a key frame", async () => {
    await using encoder = await codec.createEncoder({ ...size, bitrate: 800_000 });
    const bytes = { 800: 0, 200: 0 };
    const types: string[] = [];
    for (const bitrate of [800, 200] as const) {
      encoder.setBitrate(bitrate * 1_000);
      for (let n = 0; n < 45; n += 1) {
        const chunk = present(await encoder.encode(noise(n)));
        bytes[bitrate] += chunk.data.length;
        types.push(chunk.type);
      }
    }
    expect(bytes[800]).toBeGreaterThan(2 * bytes[200]);
    expect(types.flatMap((type, n) => (type === "key" ? [n] : []))).toEqual([0, 45]);
  });

  it.each([
    [17, 16],
    [161, 121],
    [16, 4_096],
  ])("keeps every sample of a picture of %ix%i in its place", async (width, height) => {
    await using encoder = await codec.createEncoder({ width, height, bitrate: 4_000_000 });
    await using decoder = await codec.createDecoder();
    const [frame] = await decodeAll(decoder, await encodeAll(encoder, 1));
    const { data } = picture(width, height, 0);
    expect(frame?.data).toHaveLength(data.length);
    const chroma = width * height;
    expect(psnrOf(present(frame).data, data)).toBeGreaterThan(30);
    const lastLine = data.length - Math.ceil(width / 2);
    expect(psnrOf(present(frame).data.subarray(lastLine), data.subarray(lastLine))).toBeGreaterThan(
      25,
    );
    expect(psnrOf(present(frame).data.subarray(chroma), data.subarray(chroma))).toBeGreaterThan(30);
  });

  it("follows a stream to another size", async () => {
    await using decoder = await codec.createDecoder();
    for (const [width, height] of [
      [320, 240],
      [640, 360],
      [64, 64],
    ] as const) {
      await using encoder = await codec.createEncoder({ width, height });
      const frames = await decodeAll(decoder, await encodeAll(encoder, 3));
      expect(frames.map(({ codedWidth, codedHeight }) => [codedWidth, codedHeight])).toEqual(
        frames.map(() => [width, height]),
      );
    }
  });

  it("does not keep the frame, and does not take the chunk away", async () => {
    await using encoder = await codec.createEncoder(size);
    await using decoder = await codec.createDecoder();
    const frame = picture(320, 240, 0);
    const original = frame.data.slice();
    const encoding = encoder.encode(frame);
    frame.data.fill(0);
    const chunk = present(await encoding);
    const before = chunk.data.slice();
    const decoded = present(await decoder.decode(chunk));
    expect(chunk.data).toEqual(before);
    expect(psnrOf(decoded.data, original)).toBeGreaterThan(35);
  });

  it("leaves the event loop free while it encodes", async () => {
    await using encoder = await codec.createEncoder({ width: 640, height: 480 });
    const frames = [0, 1, 2, 3].map((n) => picture(640, 480, n));
    await encoder.encode(present(frames[0]));
    const start = performance.eventLoopUtilization();
    for (let n = 0; n < 40; n += 1) await encoder.encode(present(frames[n % 4]));
    const { active } = performance.eventLoopUtilization(start);
    // Copying a frame and sending it: some 0.2 ms. To encode it takes 7 ms and more.
    expect(active / 40).toBeLessThan(3);
  });

  it.each([
    { width: 15 },
    { height: 4_097 },
    { width: 16.5 },
    { framerate: 0 },
    { framerate: 241 },
    { bitrate: 9_999 },
    { bitrate: Number.NaN },
  ])("refuses %o", async (config) => {
    const error = await rejection(() => codec.createEncoder({ ...size, ...config }));
    expect(error).toMatchObject({ code: "invalid_argument" });
  });

  it("refuses frames of another size, without their bytes, and bitrates out of range", async () => {
    await using encoder = await codec.createEncoder(size);
    const invalid = { code: "invalid_argument" };
    expect(await rejection(() => encoder.encode(picture(240, 320, 0)))).toMatchObject(invalid);
    const cutOff = { ...picture(320, 240, 0), data: new Uint8Array(100) };
    expect(await rejection(() => encoder.encode(cutOff))).toMatchObject(invalid);
    expect(await rejection(() => encoder.setBitrate(9_999))).toMatchObject(invalid);
    encoder.setBitrate(10_000);
    expect(await encodeAll(encoder, 1)).toHaveLength(1);
  });
});

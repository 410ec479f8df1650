// What the senders send: encoded as it goes, or the same second or two again and again with new timestamps.
import { tone } from "@conic/audio";
import { createOpusCodec } from "@conic/codec-opus";
import { createVp8Codec } from "@conic/codec-vp8";
import { countedPattern } from "@conic/video";

/** @import { EncodedChunk, VideoEncoder } from "@conic/domain" */
/** @import { Kind, StreamSource } from "../types.js" */

export const framesPerSecond = { audio: 50, video: 30 };
/** Of the same length in both, so that a loop has no seam: a second of a tone, and pictures behind a key frame. */
export const loopFrames = { audio: 50, video: 60 };
export const opusConfig = /** @type {const} */ ({ numberOfChannels: 2, bitrate: 64_000 });
export const videoSize = { width: 640, height: 480, framerate: 30 };

/** As many frames wait for an encoder as it takes by default; then one is left out, as a camera would. */
const maxQueuedFrames = 4;

/** A second of a tone of a whole frequency, frame by frame. */
export function toneFrames(frequency = 440) {
  return [...tone({ channels: 2, frequency, frames: 48_000 })];
}

/** @param {readonly EncodedChunk[]} chunks @param {number} perSecond @returns {StreamSource} */
function repeated(chunks, perSecond) {
  const duration = 1e6 / perSecond;
  return {
    chunk(frame) {
      const chunk = chunks[frame % chunks.length];
      return chunk && { ...chunk, timestamp: frame * duration, duration };
    },
    keyFrame: () => undefined,
  };
}

/** @param {number} count @returns {Promise<StreamSource[]>} */
async function encodedTones(count) {
  const codec = createOpusCodec();
  await codec.warmUp(opusConfig);
  const frames = toneFrames();
  return Promise.all(
    Array.from({ length: count }, async (_, stream) => {
      const encoder = await codec.createEncoder(opusConfig);
      /** @param {number} frame */
      const samples = (frame) => frames[(frame + stream) % frames.length] ?? new Float32Array();
      return {
        chunk: (/** @type {number} */ frame) => encoder.encode(samples(frame), frame * 20_000),
        keyFrame: () => undefined,
      };
    }),
  );
}

/** @param {number} count @returns {Promise<StreamSource[]>} */
async function repeatedTones(count) {
  const encoder = await createOpusCodec().createEncoder(opusConfig);
  const frames = toneFrames();
  const chunks = [...frames, ...frames].map((frame) => encoder.encode(frame, 0));
  encoder.close();
  return Array.from({ length: count }, () => repeated(chunks.slice(loopFrames.audio), 50));
}

/** @param {VideoEncoder} encoder @param {ReturnType<typeof countedPattern>} pattern @returns {StreamSource} */
function encodedPattern(encoder, pattern) {
  let keyFrame = true;
  return {
    async chunk(frame) {
      if (encoder.encodeQueueSize >= maxQueuedFrames) return undefined;
      const options = { keyFrame };
      keyFrame = false;
      return encoder.encode(pattern.frameAt(frame), options);
    },
    keyFrame() {
      keyFrame = true;
    },
  };
}

/** Two seconds of pictures before it counts: until then its code is still being compiled, on the same core. */
const warmUpFrames = 60;

/** @param {number} count @returns {Promise<StreamSource[]>} */
async function encodedPatterns(count) {
  const codec = createVp8Codec();
  const pattern = countedPattern(videoSize);
  return Promise.all(
    Array.from({ length: count }, async () => {
      const encoder = await codec.createEncoder(videoSize);
      for (let i = 0; i < warmUpFrames; i += 1) await encoder.encode(pattern.frameAt(i));
      return encodedPattern(encoder, pattern);
    }),
  );
}

/** @returns {Promise<EncodedChunk[]>} */
export async function patternChunks() {
  const encoder = await createVp8Codec().createEncoder(videoSize);
  const pattern = countedPattern(videoSize);
  const chunks = [];
  for (let frame = 0; frame < loopFrames.video; frame += 1) {
    const chunk = await encoder.encode(pattern.frameAt(frame), { keyFrame: frame === 0 });
    if (chunk === undefined) throw new Error("the encoder left a frame out");
    chunks.push(chunk);
  }
  await encoder.close();
  return chunks;
}

/** @param {number} count @returns {Promise<StreamSource[]>} */
async function repeatedPatterns(count) {
  const chunks = await patternChunks();
  return Array.from({ length: count }, () => repeated(chunks, videoSize.framerate));
}

/** @param {Kind} kind @param {number} count @param {boolean} encodes @returns {Promise<StreamSource[]>} */
export function createSources(kind, count, encodes) {
  if (kind === "audio") return encodes ? encodedTones(count) : repeatedTones(count);
  return encodes ? encodedPatterns(count) : repeatedPatterns(count);
}

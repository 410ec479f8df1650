// Time of one frame in the codecs, each alone on the machine.
import { createOpusCodec } from "@conic/codec-opus";
import { createVp8Codec } from "@conic/codec-vp8";
import { tone } from "@conic/audio";
import { countedPattern } from "@conic/video";
import { percentile, quick, round3 } from "../../harness.mjs";
import { opusConfig, toneFrames, videoSize } from "../streams/sources.mjs";

/** @import { VideoFrame } from "@conic/domain" */
/** @import { MediaFigure } from "../types.js" */

/** @typedef {{ encodeMs: number[], decodeMs: number[], bytes: number }} Times of every frame */

const audioFrames = quick ? 25 : 500;
const videoFrames = quick ? 8 : 300;

/** @param {readonly Float32Array[]} frames @returns {Promise<Times>} */
async function opusTimes(frames) {
  const codec = createOpusCodec();
  await codec.warmUp(opusConfig);
  const encoder = await codec.createEncoder(opusConfig);
  const decoder = await codec.createDecoder(opusConfig);
  /** @type {Times} */
  const times = { encodeMs: [], decodeMs: [], bytes: 0 };
  for (let n = 0; n < audioFrames; n += 1) {
    const samples = frames[n % frames.length] ?? new Float32Array();
    const start = performance.now();
    const { data } = encoder.encode(samples, n * 20_000);
    const encoded = performance.now();
    const { length } = decoder.decode(data);
    times.decodeMs.push(performance.now() - encoded);
    times.encodeMs.push(encoded - start);
    times.bytes += data.length;
    if (length !== samples.length) throw new Error(`${length} samples came of ${samples.length}`);
  }
  encoder.close();
  decoder.close();
  return times;
}

/** @param {(n: number) => VideoFrame} frameAt @returns {Promise<Times>} */
async function vp8Times(frameAt) {
  const codec = createVp8Codec();
  const encoder = await codec.createEncoder(videoSize);
  const decoder = await codec.createDecoder();
  /** @type {Times} */
  const times = { encodeMs: [], decodeMs: [], bytes: 0 };
  for (let n = 0; n < videoFrames; n += 1) {
    const frame = frameAt(n);
    const start = performance.now();
    const chunk = await encoder.encode(frame);
    const encoded = performance.now();
    if (chunk === undefined) throw new Error(`frame ${n} was left out`);
    const { length } = chunk.data;
    const decoded = await decoder.decode(chunk);
    times.decodeMs.push(performance.now() - encoded);
    times.encodeMs.push(encoded - start);
    times.bytes += length;
    if (decoded?.data.length !== frame.data.length) throw new Error(`frame ${n} was not decoded`);
  }
  await Promise.all([encoder.close(), decoder.close()]);
  return times;
}

/** The counted pattern under the noise of a sensor. @returns {(n: number) => VideoFrame} */
function cameraLike() {
  const pattern = countedPattern(videoSize);
  let state = 1;
  return (n) => {
    const frame = pattern.frameAt(n);
    const { data } = frame;
    for (let i = 0; i < videoSize.width * videoSize.height; i += 1) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
      data[i] = Math.min(255, Math.max(0, (data[i] ?? 0) + (state >> 29)));
    }
    return frame;
  };
}

/** @param {number[]} valuesMs @param {number} fraction */
function us(valuesMs, fraction) {
  return Math.round(percentile(valuesMs, fraction) * 1000);
}

/** @param {string} content @param {Times} times @param {number} framesPerSecond */
function rowOf(content, { encodeMs, decodeMs, bytes }, framesPerSecond) {
  return {
    content,
    "encode p50, µs": us(encodeMs, 0.5),
    "encode p99, µs": us(encodeMs, 0.99),
    "decode p50, µs": us(decodeMs, 0.5),
    "decode p99, µs": us(decodeMs, 0.99),
    "kbit/s": round3((bytes * 8 * framesPerSecond) / encodeMs.length / 1000),
  };
}

/** @type {MediaFigure} */
export const codecFigure = {
  key: "codec",
  async run({ report }) {
    const noise = [...tone({ waveform: "noise", channels: 2, frames: 48_000 })];
    const pattern = countedPattern(videoSize);
    report({
      title: "codec: time of one frame",
      rows: [
        rowOf(
          "Opus 20 ms stereo, 64 kbit/s, complexity 10: tone",
          await opusTimes(toneFrames()),
          50,
        ),
        rowOf(
          "Opus 20 ms stereo, 64 kbit/s, complexity 10: white noise",
          await opusTimes(noise),
          50,
        ),
        rowOf(
          "VP8 640x480, 1 Mbit/s: counted pattern",
          await vp8Times((n) => pattern.frameAt(n)),
          30,
        ),
        rowOf("VP8 640x480, 1 Mbit/s: camera-like noise", await vp8Times(cameraLike()), 30),
      ],
      notes: [
        `${audioFrames} frames of Opus, ${videoFrames} of VP8, one after the other; VP8 with the way to its worker and back.`,
      ],
    });
    return [];
  },
};

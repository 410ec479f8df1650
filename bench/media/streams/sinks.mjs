// What the receivers do with what comes: decode it and look at the result, or count it.
import { levelOf, PacketPlayback } from "@conic/audio";
import { createOpusCodec } from "@conic/codec-opus";
import { createVp8Codec } from "@conic/codec-vp8";
import { readFrameCounter } from "@conic/video";
import { loopFrames, opusConfig } from "./sources.mjs";

/** @import { AudioDecoder, ReceivedChunk, VideoDecoder } from "@conic/domain" */
/** @import { Kind, StreamSink } from "../types.js" */

/** The amplitude of the tone is 0.3. */
const leastPeak = 0.2;
/** Opus needs a moment to come to full level. */
const startPackets = 5;

/** @implements {StreamSink} */
class CountingSink {
  received = 0;
  wrong = 0;

  take() {
    this.received += 1;
  }
}

/** @implements {StreamSink} */
class ListeningSink {
  received = 0;
  wrong = 0;
  #playback;

  /** @param {AudioDecoder} decoder */
  constructor(decoder) {
    this.#playback = new PacketPlayback(decoder);
  }

  /** @param {ReceivedChunk} chunk */
  take(chunk) {
    const [samples, ...more] = this.#playback.push(chunk);
    const isWhole = samples?.length === 1920 && more.length === 0;
    this.received += 1;
    if (this.received <= startPackets) return;
    if (!isWhole || levelOf(samples).peak < leastPeak) this.wrong += 1;
  }
}

/** @implements {StreamSink} */
class WatchingSink {
  received = 0;
  wrong = 0;
  #decoder;
  /** @type {number | undefined} */
  #counter;

  /** @param {VideoDecoder} decoder */
  constructor(decoder) {
    this.#decoder = decoder;
  }

  /** @param {ReceivedChunk} chunk */
  async take(chunk) {
    const frame = await this.#decoder.decode(chunk);
    if (frame === undefined) return;
    const counter = readFrameCounter(frame);
    const expected = this.#counter === undefined ? 0 : (this.#counter + 1) % loopFrames.video;
    this.received += 1;
    if (counter !== expected) this.wrong += 1;
    this.#counter = counter;
  }
}

/** @param {Kind} kind @param {number} count @param {boolean} decodes @returns {Promise<StreamSink[]>} */
export async function createSinks(kind, count, decodes) {
  if (!decodes) return Array.from({ length: count }, () => new CountingSink());
  if (kind === "audio") {
    const codec = createOpusCodec();
    await codec.warmUp(opusConfig);
    const making = Array.from({ length: count }, () => codec.createDecoder(opusConfig));
    return (await Promise.all(making)).map((decoder) => new ListeningSink(decoder));
  }
  const codec = createVp8Codec();
  const making = Array.from({ length: count }, () => codec.createDecoder());
  return (await Promise.all(making)).map((decoder) => new WatchingSink(decoder));
}

import type { Level } from "@conic/audio";
import {
  ConicError,
  isConicError,
  type OpusCodec,
  type ReceivedChunk,
  type VideoCodec,
} from "@conic/domain";
import { readFrameCounter } from "@conic/video";
import type { OrderSummary } from "../events.js";
import { Loudness } from "./loudness.js";
import { FrameOrder } from "./order.js";

/** Looks at what comes, beside counting it. */
export interface Inspector extends AsyncDisposable {
  readonly level?: Level;
  readonly order?: OrderSummary;
  take(chunk: ReceivedChunk): Promise<void> | void;
  silence?(): void;
}

/** The level of audio. */
export async function inspectAudio(codec: OpusCodec): Promise<Inspector> {
  const decoder = await codec.createDecoder({ numberOfChannels: 2 });
  const loudness = new Loudness(decoder);
  return {
    get level() {
      return loudness.level;
    },
    take: (chunk) => loudness.add(chunk),
    silence: () => loudness.silence(),
    [Symbol.asyncDispose]: () => {
      decoder.close();
      return Promise.resolve();
    },
  };
}

/** The order of the frames of the counted pattern. */
export async function inspectVideo(codec: VideoCodec): Promise<Inspector> {
  const decoder = await codec.createDecoder();
  const order = new FrameOrder();
  return {
    get order() {
      return order.summary();
    },
    take: async (chunk) => {
      try {
        const frame = await decoder.decode(chunk);
        if (frame !== undefined) order.add(readFrameCounter(frame));
      } catch (error) {
        if (!isConicError(error, "invalid_data")) throw ConicError.from(error, "internal");
        order.addBroken();
      }
    },
    [Symbol.asyncDispose]: () => decoder.close(),
  };
}

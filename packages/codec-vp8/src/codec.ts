import { silentLogger, type Logger, type VideoCodec, type VideoEncoderConfig } from "@conic/domain";
import { encoderSpec, invalidArgument } from "./config.js";
import { Vp8Decoder } from "./decoder.js";
import { Vp8Encoder } from "./encoder.js";
import { JobQueue } from "./jobs.js";
import { ownWorkerUrl } from "./thread.js";
import type { ModulePlaces } from "./worker/types.js";

export interface Vp8CodecOptions {
  /**
   * `libav`: libvpx by `@libav.js/variant-webm`, an optional peer dependency (`pnpm add @libav.js/variant-webm`; LGPL).
   * `webp`: libwebp and ogv, which come with this package; every frame is a key frame, at two to three times the bits.
   * `auto`, the default: `libav` where it is installed, else `webp`.
   */
  readonly implementation?: "auto" | "libav" | "webp" | undefined;
  /** Frames that wait in one encoder or decoder at most, with the one in work. Default 4. */
  readonly maxQueuedFrames?: number | undefined;
  /** Default: silent. */
  readonly logger?: Logger | undefined;
}

/**
 * VP8 (RFC 6386) in WebAssembly; each encoder and decoder has a worker thread of its own, and must be closed.
 * @throws ConicError `invalid_argument`.
 */
export function createVp8Codec(options: Vp8CodecOptions = {}): VideoCodec {
  return codecWith(options, {});
}

/** @param modules in place of the installed packages */
export function codecWith(
  options: Vp8CodecOptions,
  modules: ModulePlaces,
  workerUrl: URL = ownWorkerUrl,
): VideoCodec {
  const { implementation = "auto", maxQueuedFrames = 4, logger = silentLogger } = options;
  if (!["auto", "libav", "webp"].includes(implementation)) {
    throw invalidArgument(`implementation is auto, libav or webp, not ${implementation}`);
  }
  if (!Number.isInteger(maxQueuedFrames) || maxQueuedFrames < 1) {
    throw invalidArgument(`maxQueuedFrames is a whole number from 1 on, not ${maxQueuedFrames}`);
  }
  const limits = { maxQueuedFrames, logger, workerUrl };
  return {
    createEncoder: async (config: VideoEncoderConfig) => {
      const encoder = encoderSpec(config);
      const spec = { implementation, encoder, modules };
      return new Vp8Encoder(await JobQueue.start(spec, limits), encoder);
    },
    createDecoder: async () => {
      const spec = { implementation, encoder: undefined, modules };
      return new Vp8Decoder(await JobQueue.start(spec, limits));
    },
  };
}

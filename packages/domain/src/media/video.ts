import type { AbortOptions } from "../util/abort.js";
import type { EncodedChunk } from "./chunk.js";

/** A picture in I420: the luma plane, then the two chroma planes at half size (rounded up), without padding. */
export interface VideoFrame {
  /** In pixels. */
  readonly codedWidth: number;
  readonly codedHeight: number;
  /** In µs from an arbitrary start. */
  readonly timestamp: number;
  /** In µs; 0 where it is not known. */
  readonly duration: number;
  /** width × height + 2 × ⌈width/2⌉ × ⌈height/2⌉ bytes. */
  readonly data: Uint8Array;
}

export interface VideoEncoderConfig {
  /** In pixels, 16 to 4,096. */
  readonly width: number;
  readonly height: number;
  /** Frames a second that are to come: the bitrate is shared among them. Default 30. */
  readonly framerate?: number | undefined;
  /** Bits a second, from 10,000 on. Default 1,000,000 at 640x480 and 30 frames a second, and in proportion. */
  readonly bitrate?: number | undefined;
}

export interface VideoEncodeOptions extends AbortOptions {
  /** Makes this frame a key frame. Default false. */
  readonly keyFrame?: boolean | undefined;
}

/** Compresses pictures in order, away from the event loop. */
export interface VideoEncoder extends AsyncDisposable {
  readonly width: number;
  readonly height: number;
  /** Frames handed in that have not come out yet. */
  readonly encodeQueueSize: number;
  /**
   * Compresses one frame; the first is a key frame. Undefined where the encoder left it out.
   * The data of the frame is copied before this returns.
   * @throws ConicError `invalid_argument` for another size, `buffer_full` with `maxQueuedFrames` frames waiting,
   * `closed`, `internal` when the implementation failed.
   */
  encode(frame: VideoFrame, options?: VideoEncodeOptions): Promise<EncodedChunk | undefined>;
  /** From the next frame on; where the implementation has to start over, that frame is a key frame. */
  setBitrate(bitrate: number): void;
  /** Idempotent; what waits is refused with `closed`. */
  close(): Promise<void>;
}

/** Expands pictures in order, away from the event loop. */
export interface VideoDecoder extends AsyncDisposable {
  /** Chunks handed in that have not come out yet. */
  readonly decodeQueueSize: number;
  /**
   * Undefined for a frame that is not to be shown (RFC 6386 section 9.1).
   * @throws ConicError `invalid_data` for bytes that are no frame, or a delta frame without its key frame: the decoder
   * goes on, and needs a key frame. `buffer_full`, `closed`.
   */
  decode(chunk: EncodedChunk, options?: AbortOptions): Promise<VideoFrame | undefined>;
  /** Idempotent; what waits is refused with `closed`. */
  close(): Promise<void>;
}

/** The port to a VP8 implementation. */
export interface VideoCodec {
  /** @throws ConicError `invalid_argument`, `unsupported` when a package that it needs is not installed. */
  createEncoder(config: VideoEncoderConfig): Promise<VideoEncoder>;
  /** @throws ConicError `unsupported`. */
  createDecoder(): Promise<VideoDecoder>;
}

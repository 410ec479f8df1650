import type { AbortOptions, VideoFrame } from "@conic/domain";
import type { FrameRate } from "../frame/rate.js";

/** A file of raw pictures. It holds one picture and one chunk of the source at most. */
export interface VideoReader extends AsyncDisposable {
  /** In pixels. */
  readonly width: number;
  readonly height: number;
  /** Frames a second; `frameRate` is the same as an exact ratio. */
  readonly framerate: number;
  readonly frameRate: FrameRate;
  /**
   * The pictures, in file order, with times from 0 on; by one loop, once. Leaving the loop closes the reader. It
   * throws `invalid_state` for a second loop, `invalid_data` with `details.byteOffset` where the file breaks off or
   * breaks its format, `aborted`, and whatever the source throws, unchanged.
   */
  frames(): AsyncIterableIterator<VideoFrame>;
  /** Releases the source; a file handle stays open. Idempotent. */
  close(): Promise<void>;
}

export interface ReadVideoOptions extends AbortOptions {
  /** Bytes of one picture at most; a file of larger ones is `unsupported`. Default 64 MiB. */
  readonly maxFrameBytes?: number | undefined;
}

export const defaultMaxRawFrameBytes: number = 64 * 1024 * 1024;

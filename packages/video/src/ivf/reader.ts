import type { AbortOptions, EncodedChunk } from "@conic/domain";
import { invalidArgument, invalidData, unsupportedData } from "../errors.js";
import { timestampOf, type FrameRate } from "../frame/rate.js";
import { ByteReader } from "../io/byte-reader.js";
import { OneLoopReader, opened } from "../io/one-loop.js";
import type { VideoFileSource } from "../io/source.js";
import { parseVp8Header } from "../vp8/header.js";
import {
  ivfFrameHeaderBytes,
  ivfHeaderBytes,
  parseIvfHeader,
  vp8FourCc,
  type IvfHeader,
} from "./header.js";

export interface ReadIvfOptions extends AbortOptions {
  /** Bytes of one compressed frame at most; a larger one is `invalid_data`. Default 16 MiB. */
  readonly maxFrameBytes?: number | undefined;
}

/** An IVF file of VP8 whose header is read. It holds two frames and one chunk of the source at most. */
export interface IvfReader extends AsyncDisposable {
  /** `VP80`. */
  readonly fourcc: string;
  /** In pixels, as the header says; the frames may say otherwise. */
  readonly width: number;
  readonly height: number;
  /** Ticks a second, as a ratio: in most files the frames a second. */
  readonly timebase: FrameRate;
  /** As the header says; 0 where the file was streamed. */
  readonly frameCount: number;
  /**
   * The frames, in file order; by one loop, once. Leaving the loop closes the reader. Frames without bytes, which
   * encoders leave for a picture that they dropped, are passed over. It throws `invalid_state` for a second loop,
   * `invalid_data` with `details.byteOffset` after the last whole frame of a file that breaks off, `aborted`, and
   * whatever the source throws, unchanged.
   */
  frames(): AsyncIterableIterator<EncodedChunk>;
  /** Releases the source; a file handle stays open. Idempotent. */
  close(): Promise<void>;
}

const defaultMaxFrameBytes = 16 * 1024 * 1024;

/**
 * Reads an IVF file up to its first frame.
 * @throws ConicError `invalid_data` or `unsupported` (another codec) with `details.byteOffset`, `aborted`,
 * `invalid_argument`; errors of the source pass unchanged. The source is released in every case.
 */
export async function readIvf(
  source: VideoFileSource,
  options: ReadIvfOptions = {},
): Promise<IvfReader> {
  const { maxFrameBytes = defaultMaxFrameBytes } = options;
  if (!(maxFrameBytes >= 1)) {
    throw invalidArgument(`maxFrameBytes is a number from 1 on, not ${maxFrameBytes}`);
  }
  const bytes = new ByteReader(source, options.signal);
  return opened(bytes, async () => {
    const start = new Uint8Array(ivfHeaderBytes);
    const header = parseIvfHeader(start.subarray(0, await bytes.readInto(start)));
    if (header.fourcc !== vp8FourCc) {
      throw unsupportedData(8, `the codec ${JSON.stringify(header.fourcc)} is not VP8 (VP80)`);
    }
    const more = header.headerBytes - ivfHeaderBytes;
    if ((await bytes.skip(more)) < more) {
      throw invalidData(bytes.offset, `the file ends in its header of ${header.headerBytes} bytes`);
    }
    return new Reader(bytes, header, maxFrameBytes);
  });
}

/** Undefined: the file ended before it. */
type Pending = Omit<EncodedChunk, "duration"> | undefined;

class Reader extends OneLoopReader<EncodedChunk> implements IvfReader {
  readonly fourcc: string;
  readonly width: number;
  readonly height: number;
  readonly timebase: FrameRate;
  readonly frameCount: number;
  readonly #maxFrameBytes: number;
  /** The frame whose successor, and with it its duration, is not known yet. */
  #held: Pending;
  #failure: { readonly error: unknown } | undefined;
  #lastDuration = 0;

  constructor(bytes: ByteReader, header: IvfHeader, maxFrameBytes: number) {
    super(bytes);
    this.fourcc = header.fourcc;
    this.width = header.width;
    this.height = header.height;
    this.timebase = header.timebase;
    this.frameCount = header.frameCount;
    this.#maxFrameBytes = maxFrameBytes;
  }

  protected async next(bytes: ByteReader): Promise<EncodedChunk | undefined> {
    if (this.#failure !== undefined) throw this.#failure.error;
    this.#held ??= await this.#read(bytes);
    const current = this.#held;
    if (current === undefined) return undefined;
    try {
      this.#held = await this.#read(bytes);
    } catch (error) {
      // The whole frame in front of the fault comes first.
      this.#failure = { error };
      this.#held = undefined;
    }
    if (this.#held !== undefined) {
      this.#lastDuration = Math.max(0, this.#held.timestamp - current.timestamp);
    }
    return { ...current, duration: this.#lastDuration };
  }

  async #read(bytes: ByteReader): Promise<Pending> {
    for (;;) {
      const start = bytes.offset;
      const header = new Uint8Array(ivfFrameHeaderBytes);
      const got = await bytes.readInto(header);
      if (got === 0) return undefined;
      if (got < header.length) throw invalidData(bytes.offset, "the file ends between two frames");
      const view = new DataView(header.buffer);
      const size = view.getUint32(0, true);
      const ticks = Number(view.getBigUint64(4, true));
      if (size === 0) continue;
      if (size > this.#maxFrameBytes) {
        throw invalidData(
          start,
          `a frame of ${size} bytes; at most ${this.#maxFrameBytes} are read`,
        );
      }
      if (!Number.isSafeInteger(ticks)) throw invalidData(start + 4, `${ticks} is no time`);
      const data = new Uint8Array(size);
      const filled = await bytes.readInto(data);
      if (filled < size) {
        throw invalidData(
          bytes.offset,
          `the file ends in a frame, after ${filled} of ${size} bytes`,
        );
      }
      const type = parseVp8Header(data)?.keyFrame === true ? "key" : "delta";
      return { type, timestamp: timestampOf(ticks, this.timebase), data };
    }
  }
}

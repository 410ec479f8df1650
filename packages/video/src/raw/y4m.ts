import type { VideoFrame } from "@conic/domain";
import { invalidData, unsupportedData } from "../errors.js";
import { planeLayout } from "../frame/i420.js";
import { frameRateOf, timeOf, type FrameRate } from "../frame/rate.js";
import { ByteReader } from "../io/byte-reader.js";
import { OneLoopReader, opened } from "../io/one-loop.js";
import type { VideoFileSource } from "../io/source.js";
import { maxY4mHeaderBytes, parseY4mHeader, y4mMagic, type Y4mHeader } from "./y4m-header.js";
import { defaultMaxRawFrameBytes, type ReadVideoOptions, type VideoReader } from "./reader.js";

export interface ReadY4mOptions extends ReadVideoOptions {
  /** Frames a second of a file that does not say. Default 30. */
  readonly framerate?: number | FrameRate | undefined;
}

/**
 * Reads a YUV4MPEG2 file of 8-bit 4:2:0 pictures, up to its first picture. Interlaced ones are given as they are.
 * @throws ConicError `invalid_data` or `unsupported` with `details.byteOffset`, `aborted`, `invalid_argument`;
 * errors of the source pass unchanged. The source is released in every case.
 */
export async function readY4m(
  source: VideoFileSource,
  options: ReadY4mOptions = {},
): Promise<VideoReader> {
  const fallback = frameRateOf(options.framerate ?? 30);
  const bytes = new ByteReader(source, options.signal);
  return opened(bytes, async () => {
    const { bytes: line, ended } = await bytes.line(maxY4mHeaderBytes);
    const text = latin1(line);
    if (ended && text.startsWith(y4mMagic)) {
      throw invalidData(bytes.offset, "the header of the Y4M file has no end");
    }
    const header = parseY4mHeader(text);
    const { byteLength } = planeLayout(header.width, header.height);
    if (byteLength > (options.maxFrameBytes ?? defaultMaxRawFrameBytes)) {
      throw unsupportedData(
        0,
        `pictures of ${header.width}x${header.height} have ${byteLength} bytes, more than maxFrameBytes`,
      );
    }
    return new Y4mReader(bytes, header, fallback);
  });
}

const frameMagic = "FRAME";

class Y4mReader extends OneLoopReader<VideoFrame> implements VideoReader {
  readonly width: number;
  readonly height: number;
  readonly frameRate: FrameRate;
  readonly #frameBytes: number;
  #count = 0;

  constructor(bytes: ByteReader, header: Y4mHeader, fallback: FrameRate) {
    super(bytes);
    this.width = header.width;
    this.height = header.height;
    this.frameRate = header.frameRate ?? fallback;
    this.#frameBytes = planeLayout(header.width, header.height).byteLength;
  }

  get framerate(): number {
    return this.frameRate.numerator / this.frameRate.denominator;
  }

  protected async next(bytes: ByteReader): Promise<VideoFrame | undefined> {
    const start = bytes.offset;
    const line = await bytes.line(maxY4mHeaderBytes);
    if (line.ended && line.bytes.length === 0) return undefined;
    const text = latin1(line.bytes);
    if (text !== frameMagic && !text.startsWith(`${frameMagic} `)) {
      throw invalidData(start, `picture ${this.#count} does not start with ${frameMagic}`);
    }
    if (line.ended) throw invalidData(bytes.offset, `the file ends in the header of a picture`);
    const data = new Uint8Array(this.#frameBytes);
    const got = await bytes.readInto(data);
    if (got < data.length) {
      throw invalidData(
        bytes.offset,
        `the file ends in picture ${this.#count}, after ${got} of its ${data.length} bytes`,
      );
    }
    const time = timeOf(this.#count, this.frameRate);
    this.#count += 1;
    return { codedWidth: this.width, codedHeight: this.height, ...time, data };
  }
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

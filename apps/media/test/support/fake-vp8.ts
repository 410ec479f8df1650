import { ConicError, type EncodedChunk, type VideoCodec, type VideoEncoder } from "@conic/domain";

export interface FakeVp8 extends VideoCodec {
  /** Encoders that are not closed. */
  readonly open: number;
  /** Frames that the next calls of `encode` leave out. */
  leaveOut: number;
  /** What encoders were set to, a frame each. */
  readonly bitrates: number[];
}

/** Leaves the pictures as they are; only the first frame, and those that are asked for, are key frames. */
export function fakeVp8(): FakeVp8 {
  let open = 0;
  const fake: FakeVp8 = {
    get open() {
      return open;
    },
    leaveOut: 0,
    bitrates: [],
    createEncoder: ({ width, height }) => {
      open += 1;
      let [begun, closed] = [false, false];
      const close = (): Promise<void> => {
        if (!closed) open -= 1;
        closed = true;
        return Promise.resolve();
      };
      const encode: VideoEncoder["encode"] = async (frame, { keyFrame = false } = {}) => {
        await Promise.resolve();
        if (closed) throw new ConicError("closed", "the encoder is closed");
        if (fake.leaveOut > 0) {
          fake.leaveOut -= 1;
          return undefined;
        }
        const type = keyFrame || !begun ? "key" : "delta";
        begun = true;
        const { timestamp, duration, data } = frame;
        return { type, timestamp, duration, data: data.slice() } satisfies EncodedChunk;
      };
      return Promise.resolve({
        width,
        height,
        encodeQueueSize: 0,
        encode,
        setBitrate: (bitrate) => void fake.bitrates.push(bitrate),
        close,
        [Symbol.asyncDispose]: close,
      });
    },
    createDecoder: () => Promise.reject(new ConicError("unsupported", "there is no decoder")),
  };
  return fake;
}

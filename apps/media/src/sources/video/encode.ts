import {
  throwIfAborted,
  type EncodedChunk,
  type VideoEncoder,
  type VideoFrame,
} from "@conic/domain";
import type { PlayVideoOptions } from "../source.js";

/** The frames compressed, key frames where they are wanted; without those that the encoder leaves out. */
export async function* encoded(
  frames: AsyncIterable<VideoFrame>,
  encoder: VideoEncoder,
  { keyFrameWanted, bitrate, signal }: PlayVideoOptions,
): AsyncGenerator<EncodedChunk, undefined> {
  let wanted = false;
  for await (const frame of frames) {
    throwIfAborted(signal);
    if (keyFrameWanted?.() === true) wanted = true;
    if (bitrate !== undefined) encoder.setBitrate(bitrate());
    const chunk = await encoder.encode(frame, { keyFrame: wanted, signal });
    if (chunk === undefined) continue;
    // Until it is there: the frame that was to be one may have been left out.
    if (chunk.type === "key") wanted = false;
    yield chunk;
  }
  return undefined;
}

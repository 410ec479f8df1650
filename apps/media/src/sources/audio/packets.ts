import type { EncodedChunk } from "@conic/domain";
import { abortable, paced } from "../pace/paced.js";
import type { Playback } from "../play/playback.js";
import { limited } from "../play/timed.js";
import type { AudioSource, PlayOptions } from "../source.js";

export interface PacketsParts {
  readonly description: string;
  readonly numberOfChannels: 1 | 2;
  readonly playback: Playback;
  readonly seconds: number | undefined;
  /** From 0 on, without gaps. */
  chunks(signal: AbortSignal | undefined): AsyncIterable<EncodedChunk>;
}

export function packetsOf(parts: PacketsParts): AudioSource {
  const { description, numberOfChannels, playback, seconds } = parts;
  const play = ({ timeline, signal }: PlayOptions): AsyncIterable<EncodedChunk> => {
    const chunks = limited(parts.chunks(signal), seconds);
    return timeline === undefined ? abortable(chunks, signal) : paced(chunks, { timeline, signal });
  };
  return {
    description,
    numberOfChannels,
    packets: (options: PlayOptions = {}) => playback.start(() => play(options)),
    [Symbol.asyncDispose]: () => playback[Symbol.asyncDispose](),
  };
}

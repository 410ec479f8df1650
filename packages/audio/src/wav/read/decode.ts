import { decodeSamples } from "../../pcm/decode.js";
import type { WavInfo, WavSummary } from "../format.js";
import { WavParser, type WavEvent, type WavParserOptions } from "../parse/parser.js";

/** A WAV file in memory. */
export interface WavAudio {
  readonly info: WavInfo;
  readonly summary: WavSummary;
  /** Floats, full scale ±1, one array of `summary.frames` elements per channel. */
  readonly channelData: Float32Array[];
}

export type DecodeWavOptions = Pick<WavParserOptions, "maxChannels">;

/**
 * Reads a whole file that is in memory. For files of any size use `readWav`.
 * @throws ConicError `invalid_data` or `unsupported`; `details.byteOffset` is where.
 */
export function decodeWav(bytes: Uint8Array, options: DecodeWavOptions = {}): WavAudio {
  const parser = new WavParser({ maxChannels: options.maxChannels });
  const events = [...parser.push(bytes), ...parser.end()];
  const { info } = one(events, "format");
  const { summary } = one(events, "end");
  const { channels, blockAlign } = info.format;
  const channelData = Array.from({ length: channels }, () => new Float32Array(summary.frames));
  let at = 0;
  for (const event of events) {
    if (event.type !== "data") continue;
    const count = event.bytes.length / blockAlign;
    for (const [first, target] of channelData.entries()) {
      decodeSamples(event.bytes, info.format, { first, step: channels, count, at }, target);
    }
    at += count;
  }
  return { info, summary, channelData };
}

function one<T extends WavEvent["type"]>(
  events: readonly WavEvent[],
  type: T,
): Extract<WavEvent, { type: T }> {
  const isIt = (event: WavEvent): event is Extract<WavEvent, { type: T }> => event.type === type;
  const found = events.find(isIt);
  // The parser throws unless it came to the samples.
  if (found === undefined) throw new Error(`no ${type} event`);
  return found;
}

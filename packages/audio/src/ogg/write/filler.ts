import { opusPacketSamples } from "../../opus/packet.js";

/** CELT, full band, frames of 2.5 ms. */
const shortestConfig = 28;
const shortestSamples = 120;
const maxPacketSamples = 5_760;

/**
 * Packets without audio, which a decoder conceals: how a gap is kept in a file (RFC 7845 section 4.1).
 * @param samples of the gap, at 48 kHz; what is left below 2.5 ms is not filled
 * @param before the packet before the gap, whose kind they continue
 */
export function fillerPackets(samples: number, before: Uint8Array): Uint8Array[] {
  const toc = (before[0] ?? 0) & 0xfc;
  const frame = opusPacketSamples(Uint8Array.of(toc)) ?? shortestSamples;
  const packets: Uint8Array[] = [];
  const rest = fill(packets, samples, toc, frame);
  fill(packets, rest, (shortestConfig << 3) | (toc & 4), shortestSamples);
  return packets;
}

/** Code 3 with frames of no bytes; code 0 for one frame. Returns what is left. */
function fill(packets: Uint8Array[], samples: number, toc: number, frame: number): number {
  let rest = samples;
  while (rest >= frame) {
    const frames = Math.floor(Math.min(rest, maxPacketSamples) / frame);
    packets.push(frames === 1 ? Uint8Array.of(toc) : Uint8Array.of(toc | 3, frames));
    rest -= frames * frame;
  }
  return rest;
}

import { tone } from "@conic/audio";
import { createOpusCodec, type LibopusCodec } from "@conic/codec-opus";
import type { ReceivedChunk } from "@conic/domain";
import { received, type ReceivedShape } from "./received.js";

export const opus: LibopusCodec = createOpusCodec();

/** Packets of 20 ms of a tone, as they are received. */
export async function receivedTone(
  count: number,
  shape: Partial<ReceivedShape> & { frequency?: number } = {},
): Promise<ReceivedChunk[]> {
  using encoder = await opus.createEncoder({ bitrate: 64_000 });
  const blocks = [...tone({ frames: count * 960, frequency: shape.frequency })];
  return blocks.map((block, index) =>
    received(encoder.encode(block, index * 20_000), { clockRate: 48_000, ...shape }),
  );
}

import type { EncodedChunk } from "@conic/domain";
import { collectAll } from "@conic/internal-testing";
import { ALL_FORMATS, BufferSource, EncodedPacketSink, Input } from "mediabunny";
import type { WebmWriter } from "../../src/index.js";

/** Packets of 20 ms, each of other bytes. */
export function opusChunks(count: number, from = 0): EncodedChunk[] {
  return Array.from({ length: count }, (_, index) => ({
    type: "key",
    timestamp: (from + index) * 20_000,
    duration: 20_000,
    data: Uint8Array.of(0xf8, index & 255, index >> 8, 1, 2, 3),
  }));
}

/** Writes what comes first in time first. */
export async function interleave(
  writer: WebmWriter,
  video: readonly EncodedChunk[],
  audio: readonly EncodedChunk[],
): Promise<void> {
  const all = [
    ...video.map((chunk) => ({ kind: "video" as const, chunk })),
    ...audio.map((chunk) => ({ kind: "audio" as const, chunk })),
  ];
  all.sort((a, b) => a.chunk.timestamp - b.chunk.timestamp);
  for (const { kind, chunk } of all) await writer.write(kind, chunk);
}

export interface Packets {
  readonly codec: string | null;
  readonly data: readonly Uint8Array[];
  readonly times: readonly number[];
  readonly types: readonly string[];
}

/** The file as a demuxer of somebody else reads it. */
export async function demuxed(
  bytes: Uint8Array,
): Promise<Record<"video" | "audio", Packets | undefined>> {
  const input = new Input({ formats: ALL_FORMATS, source: new BufferSource(bytes) });
  const packetsOf = async (
    track: Awaited<
      ReturnType<typeof input.getPrimaryVideoTrack | typeof input.getPrimaryAudioTrack>
    >,
  ): Promise<Packets | undefined> => {
    if (track === null) return undefined;
    const packets = await collectAll(new EncodedPacketSink(track).packets());
    return {
      codec: await track.getCodec(),
      data: packets.map(({ data }) => data),
      times: packets.map(({ timestamp }) => Math.round(timestamp * 1_000)),
      types: packets.map(({ type }) => type),
    };
  };
  return {
    video: await packetsOf(await input.getPrimaryVideoTrack()),
    audio: await packetsOf(await input.getPrimaryAudioTrack()),
  };
}

/** In seconds, as the file says it; null where it does not. */
export async function statedDuration(bytes: Uint8Array): Promise<number | null> {
  const input = new Input({ formats: ALL_FORMATS, source: new BufferSource(bytes) });
  return input.getDurationFromMetadata();
}

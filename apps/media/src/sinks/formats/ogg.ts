import type { FileHandle } from "node:fs/promises";
import { fileSink, OggOpusWriter, opusPacketSamples } from "@conic/audio";
import { opusSampleRate } from "@conic/domain";
import { maxGapMs, type RecordingFormat } from "./format.js";

/** The packets as they came; gaps are kept, for a player to conceal. */
export function oggFormat(handle: FileHandle): RecordingFormat {
  // Two, as in the SDP of Opus (RFC 7587 section 7): packets of one are played on both.
  const writer = new OggOpusWriter(fileSink(handle), { numberOfChannels: 2, maxGapMs });
  let audioPackets = 0;
  let dropped = 0;
  return {
    write: async (_, chunk) => {
      if (opusPacketSamples(chunk.data) === undefined) {
        dropped += 1;
        return;
      }
      await writer.write(chunk);
      audioPackets += 1;
    },
    close: async () => {
      const { samples } = audioPackets === 0 ? { samples: 0 } : await writer.close();
      return { seconds: samples / opusSampleRate, audioPackets, videoFrames: 0, dropped };
    },
  };
}

import type { FileHandle } from "node:fs/promises";
import { fileSink, PacketPlayback, WavWriter } from "@conic/audio";
import { opusSampleRate, type OpusCodec } from "@conic/domain";
import { maxGapMs, type RecordingFormat } from "./format.js";

/** 16-bit PCM, 48 kHz, 2 channels. What is lost is made up, and pauses are silent: its time is that of the sender. */
export async function wavFormat(handle: FileHandle, opus: OpusCodec): Promise<RecordingFormat> {
  // Two, whatever comes first: a sender may change between one and two at any packet (RFC 7587 section 4.2).
  const channels = 2;
  const decoder = await opus.createDecoder({ numberOfChannels: channels });
  const playback = new PacketPlayback(decoder, { maxGapMs });
  const writer = new WavWriter(fileSink(handle), { channels, sampleRate: opusSampleRate });
  let audioPackets = 0;
  return {
    write: async (_, chunk) => {
      for (const samples of playback.push(chunk)) await writer.write(samples);
      audioPackets += 1;
    },
    close: async () => {
      decoder.close();
      const { frames } = await writer.close();
      return { seconds: frames / opusSampleRate, audioPackets, videoFrames: 0, dropped: 0 };
    },
  };
}

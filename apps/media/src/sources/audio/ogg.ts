import { basename } from "node:path";
import { readOggOpus } from "@conic/audio";
import { LoopedFile } from "../play/looped-file.js";
import { building } from "../play/playback.js";
import { Chain } from "../play/timed.js";
import type { AudioSource, AudioSourceOptions } from "../source.js";
import { packetsOf } from "./packets.js";

/** Of a last packet that does not say how long it is. */
const usualPacketDuration = 20_000;

export function openOgg(path: string, options: AudioSourceOptions): Promise<AudioSource> {
  return building(async (playback) => {
    const loop = options.loop ?? false;
    const file = await LoopedFile.open({ path, loop, open: ({ handle }) => readOggOpus(handle) });
    playback.own(() => file[Symbol.asyncDispose]());
    const { numberOfChannels } = file.reader;
    const chain = new Chain(usualPacketDuration);
    return packetsOf({
      description: `${basename(path)}, Opus, ${numberOfChannels === 1 ? "1 channel" : "2 channels"}`,
      numberOfChannels,
      playback,
      seconds: options.seconds,
      chunks: () => file.items((reader) => chain.append(reader)),
    });
  });
}

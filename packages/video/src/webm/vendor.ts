import type { Output, StreamTargetChunk } from "mediabunny";
import { markUnfinished } from "./unfinished.js";

type Vendor = typeof import("mediabunny");

// Loaded when the first WebM file is: 2 MB of code that nothing else needs.
const load = async (): Promise<Vendor> => await import("mediabunny");

/** One track of the file. Times are in seconds. */
export interface MuxTrack {
  add(data: Uint8Array, type: "key" | "delta", timestamp: number, duration: number): Promise<void>;
  /** The other track waits for this one no longer. */
  close(): void;
}

export interface Mux {
  readonly video: MuxTrack | undefined;
  readonly audio: MuxTrack | undefined;
  finish(): Promise<void>;
}

export interface MuxTracks {
  readonly video?: { readonly width: number; readonly height: number } | undefined;
  readonly audio?: { readonly numberOfChannels: number; readonly opusHead: Uint8Array } | undefined;
}

export interface MuxSink {
  /** Appends. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** Undefined: the file has no index then, and does not say how long it is. */
  readonly overwrite: ((bytes: Uint8Array, position: number) => Promise<void>) | undefined;
}

export async function startMux(sink: MuxSink, { video, audio }: MuxTracks): Promise<Mux> {
  const vendor = await load();
  const { Output, StreamTarget, WebMOutputFormat } = vendor;
  const target = new StreamTarget(writableOf(sink));
  // Append-only: clusters of unknown size, and nothing that would need a second visit.
  const appendOnly = sink.overwrite === undefined;
  const output = new Output({ format: new WebMOutputFormat({ appendOnly }), target });
  const videoTrack = video === undefined ? undefined : addVideo(vendor, output, video);
  const audioTrack = audio === undefined ? undefined : addAudio(vendor, output, audio);
  await output.start();
  return { video: videoTrack, audio: audioTrack, finish: () => output.finalize() };
}

/** Either way, what has been written can be played up to its end at any time. */
function writableOf({ write, overwrite }: MuxSink): WritableStream<StreamTargetChunk> {
  let end = 0;
  return new WritableStream<StreamTargetChunk>({
    write: async ({ data, position }) => {
      if (overwrite !== undefined && position < end) return overwrite(data, position);
      if (overwrite !== undefined) markUnfinished(data);
      end += data.length;
      return write(data);
    },
  });
}

function addVideo(
  { EncodedPacket, EncodedVideoPacketSource }: Vendor,
  output: Output,
  size: NonNullable<MuxTracks["video"]>,
): MuxTrack {
  const source = new EncodedVideoPacketSource("vp8");
  output.addVideoTrack(source);
  const { width: codedWidth, height: codedHeight } = size;
  const meta = { decoderConfig: { codec: "vp8", codedWidth, codedHeight } };
  return {
    add: (...packet) => source.add(new EncodedPacket(...packet), meta),
    close: () => {
      source.close();
    },
  };
}

function addAudio(
  { EncodedAudioPacketSource, EncodedPacket }: Vendor,
  output: Output,
  audio: NonNullable<MuxTracks["audio"]>,
): MuxTrack {
  const source = new EncodedAudioPacketSource("opus");
  output.addAudioTrack(source);
  const { numberOfChannels, opusHead: description } = audio;
  const meta = {
    decoderConfig: { codec: "opus", numberOfChannels, sampleRate: 48_000, description },
  };
  return {
    add: (...packet) => source.add(new EncodedPacket(...packet), meta),
    close: () => {
      source.close();
    },
  };
}

import {
  EncodedAudioPacketSource,
  EncodedPacket,
  EncodedVideoPacketSource,
  Output,
  StreamTarget,
  WebMOutputFormat,
  type StreamTargetChunk,
} from "mediabunny";
import { markUnfinished } from "./unfinished.js";

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
  const target = new StreamTarget(writableOf(sink));
  // Append-only: clusters of unknown size, and nothing that would need a second visit.
  const appendOnly = sink.overwrite === undefined;
  const output = new Output({ format: new WebMOutputFormat({ appendOnly }), target });
  const videoTrack = video === undefined ? undefined : addVideo(output, video);
  const audioTrack = audio === undefined ? undefined : addAudio(output, audio);
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

function addVideo(output: Output, size: NonNullable<MuxTracks["video"]>): MuxTrack {
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

function addAudio(output: Output, audio: NonNullable<MuxTracks["audio"]>): MuxTrack {
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

import {
  EncodedAudioPacketSource,
  EncodedPacket,
  EncodedVideoPacketSource,
  Output,
  StreamTarget,
  WebMOutputFormat,
  type StreamTargetChunk,
} from "mediabunny";

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

/** @param write takes the bytes of the file in order, and none of them again */
export async function startMux(
  write: (bytes: Uint8Array) => Promise<void>,
  { video, audio }: MuxTracks,
): Promise<Mux> {
  const target = new StreamTarget(
    new WritableStream<StreamTargetChunk>({ write: ({ data }) => write(data) }),
  );
  // Append-only: clusters of unknown size, so that the file can be played up to wherever it breaks off.
  const output = new Output({ format: new WebMOutputFormat({ appendOnly: true }), target });
  const videoTrack = video === undefined ? undefined : addVideo(output, video);
  const audioTrack = audio === undefined ? undefined : addAudio(output, audio);
  await output.start();
  return { video: videoTrack, audio: audioTrack, finish: () => output.finalize() };
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

import { ConicError, type OpusCodec, type ReceivedChunk } from "@conic/domain";

export type MediaKind = "audio" | "video";

export interface RecorderOptions {
  /** What is going to come. */
  readonly kinds: readonly MediaKind[];
  /** Decodes for a WAV file. */
  readonly opus: OpusCodec;
}

/** What was recorded. */
export interface RecordingSummary {
  readonly path: string;
  /** False: nothing came, and there is no file; an older one is as it was. */
  readonly written: boolean;
  /** From the first sample or picture to the end of the last. */
  readonly seconds: number;
  readonly bytes: number;
  /** In the file. */
  readonly audioPackets: number;
  readonly videoFrames: number;
  /** Packets and frames that never came; their time is kept. */
  readonly lost: number;
  /** Video before the first key frame, and what no decoder takes. */
  readonly dropped: number;
}

/** A file that grows while a call lasts. It takes its name, in place of an older one, when it is complete. */
export interface Recorder extends AsyncDisposable {
  readonly path: string;
  /**
   * Appends what a track received, in the order of the calls. It resolves when the file took it.
   * @throws ConicError `closed`; ConicError `invalid_argument` for a kind that was not announced; errors of the disk.
   */
  write(kind: MediaKind, chunk: ReceivedChunk): Promise<void>;
  /** Completes the file. Later calls return the same promise. Disposing does the same. */
  close(): Promise<RecordingSummary>;
}

/**
 * Starts a recording; the ending of `path` names the format: `.wav` and `.ogg` for audio, `.ivf` for video, `.webm`
 * for both or either.
 * @throws ExitError with code 2 and one line when the format does not fit, or the file cannot be written.
 */
export function openRecorder(_path: string, _options: RecorderOptions): Promise<Recorder> {
  return Promise.reject(new ConicError("unsupported", "being built"));
}

/** Why `path` cannot hold `kinds`, in one line, without touching the disk; undefined when it can. */
export function recordingProblem(_path: string, _kinds: readonly MediaKind[]): string | undefined {
  return undefined;
}

import type { MediaKind, RecordedChunk } from "./formats/format.js";

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
  /** What came, but is not in the file: video before the first key frame, bytes that are no Opus. */
  readonly dropped: number;
}

/** A file that grows while a call lasts. It takes its name, in place of an older one, when it is complete. */
export interface Recorder extends AsyncDisposable {
  readonly path: string;
  /**
   * Appends what a track received, in the order of the calls; tracks need not wait for each other.
   * @throws ConicError `closed`; ConicError `invalid_argument` for a kind that was not announced; errors of the disk.
   */
  write(kind: MediaKind, chunk: RecordedChunk): Promise<void>;
  /**
   * Completes the file, after what is being written. Later calls return the same promise; disposing does the same.
   * @throws what a write has thrown; the file then holds what came before.
   */
  close(): Promise<RecordingSummary>;
}

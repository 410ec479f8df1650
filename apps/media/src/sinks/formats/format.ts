import type { ReceivedChunk } from "@conic/domain";

export type MediaKind = "audio" | "video";

/** A chunk to be recorded. */
export interface RecordedChunk extends ReceivedChunk {
  /** When it was captured, in ms of the clock of the sender, which is one for all its tracks; if that is known yet. */
  readonly captureTimeMs?: number | undefined;
}

/** A sender that was muted for longer is not waited for in the file. */
export const maxGapMs: number = 24 * 3_600_000;

/** What a file of a recording holds. */
export interface FormatSummary {
  /** From the first sample or picture to the end of the last. */
  readonly seconds: number;
  readonly audioPackets: number;
  readonly videoFrames: number;
  /** What came, but is not in the file: video before the first key frame, bytes that are no Opus. */
  readonly dropped: number;
}

/** One format of file. Calls come one after the other; chunks are on a time axis that starts at 0. */
export interface RecordingFormat {
  write(kind: MediaKind, chunk: RecordedChunk): Promise<void>;
  /** Completes the file; the handle stays open. Comes once, also after a write that failed. */
  close(): Promise<FormatSummary>;
}

import type { EncodedChunk, ReceivedChunk } from "@conic/domain";

export interface ReceivedShape {
  /** Of the RTP timestamps, in Hz. */
  readonly clockRate: number;
  /** RTP timestamp of media time 0. Default 0. */
  readonly rtpStart?: number;
  /** When media time 0 arrives, in ms. Default 0. */
  readonly arrivalMs?: number;
}

/** What a receiver makes of `chunk` when the network takes no time. */
export function received(
  chunk: EncodedChunk,
  { clockRate, rtpStart = 0, arrivalMs = 0 }: ReceivedShape,
): ReceivedChunk {
  return {
    ...chunk,
    rtpTimestamp: rtpStart + Math.round((chunk.timestamp * clockRate) / 1e6),
    lostBefore: 0,
    receivedAtMs: arrivalMs + chunk.timestamp / 1000,
  };
}

/** Without those that `isLost` picks by their number; the next one says how many are missing. */
export function withLoss(
  chunks: readonly ReceivedChunk[],
  isLost: (index: number) => boolean,
): ReceivedChunk[] {
  let lostBefore = 0;
  return chunks.flatMap((chunk, index) => {
    if (isLost(index)) {
      lostBefore += 1;
      return [];
    }
    const next = { ...chunk, lostBefore };
    lostBefore = 0;
    return [next];
  });
}

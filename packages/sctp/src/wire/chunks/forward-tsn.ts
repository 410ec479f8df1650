import { chunkType } from "../constants.js";
import { viewOf, writeChunk } from "../parameters.js";

/** The last message of a stream that is skipped: of DATA its stream sequence number, of I-DATA its identifier. */
export interface SkippedStream {
  readonly streamId: number;
  readonly unordered: boolean;
  readonly message: number;
}

export interface ForwardTsn {
  readonly cumulativeTsn: number;
  readonly streams: readonly SkippedStream[];
}

/** RFC 3758 section 3.2 and RFC 8260 section 2.3.1; undefined when malformed. */
export function readForwardTsn(value: Uint8Array, interleaved: boolean): ForwardTsn | undefined {
  if (value.length < 4) return undefined;
  const view = viewOf(value);
  const entryBytes = entryBytesOf(interleaved);
  const streams: SkippedStream[] = [];
  for (let at = 4; at + entryBytes <= value.length; at += entryBytes) {
    streams.push({
      streamId: view.getUint16(at),
      unordered: interleaved && (view.getUint16(at + 2) & 1) !== 0,
      message: interleaved ? view.getUint32(at + 4) : view.getUint16(at + 2),
    });
  }
  return { cumulativeTsn: view.getUint32(0), streams };
}

/** How many streams a chunk can name in this room; negative when there is no room for it at all. */
export function forwardTsnStreams(room: number, interleaved: boolean): number {
  return Math.floor((room - 8) / entryBytesOf(interleaved));
}

/** A whole chunk. Of DATA it names the streams of ordered messages alone. */
export function writeForwardTsn(
  { cumulativeTsn, streams }: ForwardTsn,
  interleaved: boolean,
): Uint8Array {
  const entryBytes = entryBytesOf(interleaved);
  const value = new Uint8Array(4 + streams.length * entryBytes);
  const view = viewOf(value);
  view.setUint32(0, cumulativeTsn);
  streams.forEach(({ streamId, unordered, message }, index) => {
    const at = 4 + index * entryBytes;
    view.setUint16(at, streamId);
    if (interleaved) {
      view.setUint16(at + 2, unordered ? 1 : 0);
      view.setUint32(at + 4, message);
    } else {
      view.setUint16(at + 2, message & 0xffff);
    }
  });
  return writeChunk(interleaved ? chunkType.iForwardTsn : chunkType.forwardTsn, 0, value);
}

function entryBytesOf(interleaved: boolean): number {
  return interleaved ? 8 : 4;
}

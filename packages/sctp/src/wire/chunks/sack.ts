import { chunkHeaderBytes, chunkType } from "../constants.js";
import type { PacketWriter } from "../packet-writer.js";

const fixedBytes = 12;
const entryBytes = 4;

/** What arrived beyond the cumulative TSN, as offsets from it: pairs of first and last, in order. */
export type GapOffsets = readonly number[];

/** Reads a SACK in place, for one comes with every other packet. */
export class SackReader {
  #view: DataView;
  #at = 0;
  #gaps = 0;

  constructor() {
    this.#view = new DataView(new ArrayBuffer(fixedBytes));
  }

  /** Whether the value of this chunk is a whole SACK. */
  read(view: DataView, at: number, length: number): boolean {
    if (length < fixedBytes) return false;
    this.#view = view;
    this.#at = at;
    this.#gaps = view.getUint16(at + 8);
    return length >= fixedBytes + entryBytes * (this.#gaps + view.getUint16(at + 10));
  }

  get cumulativeTsn(): number {
    return this.#view.getUint32(this.#at);
  }

  get receiveWindow(): number {
    return this.#view.getUint32(this.#at + 4);
  }

  get gaps(): number {
    return this.#gaps;
  }

  gapStart(index: number): number {
    return this.#view.getUint16(this.#at + fixedBytes + index * entryBytes);
  }

  gapEnd(index: number): number {
    return this.#view.getUint16(this.#at + fixedBytes + index * entryBytes + 2);
  }
}

export interface Sack {
  readonly cumulativeTsn: number;
  readonly receiveWindow: number;
  readonly gaps: GapOffsets;
  readonly duplicates: readonly number[];
}

/** Writes a SACK with as many of its gaps and duplicates as fit. */
export function writeSack(writer: PacketWriter, sack: Sack): void {
  const fit = Math.floor((writer.room - chunkHeaderBytes - fixedBytes) / entryBytes);
  const gaps = Math.max(0, Math.min(sack.gaps.length / 2, fit));
  const duplicates = Math.max(0, Math.min(sack.duplicates.length, fit - gaps));
  const length = chunkHeaderBytes + fixedBytes + entryBytes * (gaps + duplicates);
  let at = writer.chunk(chunkType.sack, 0, length);
  const { view } = writer;
  view.setUint32(at, sack.cumulativeTsn);
  view.setUint32(at + 4, sack.receiveWindow);
  view.setUint16(at + 8, gaps);
  view.setUint16(at + 10, duplicates);
  at += fixedBytes;
  for (let index = 0; index < gaps * 2; index += 1, at += 2) {
    view.setUint16(at, sack.gaps[index] ?? 0);
  }
  for (let index = 0; index < duplicates; index += 1, at += 4) {
    view.setUint32(at, sack.duplicates[index] ?? 0);
  }
}

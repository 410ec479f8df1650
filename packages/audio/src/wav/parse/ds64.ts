import { invalidData, unsupportedData } from "../../errors.js";
import { bodyOffset, readId, sizeOffset, type Chunk } from "./chunk.js";

/** The 64-bit sizes of an RF64 or BW64 file (EBU Tech 3306 section 3). */
export interface Ds64 {
  /** Undefined when the writer never filled it in. */
  readonly dataBytes: number | undefined;
  /** Sizes of other chunks above 4 GiB, in file order. */
  readonly table: { readonly id: string; readonly size: number }[];
}

/** Large chunks beside `data`; no writer is known to have more than a few. */
export const maxDs64Entries = 64;
const fixedBytes = 28;
const entryBytes = 12;
export const usedDs64Bytes: number = fixedBytes + maxDs64Entries * entryBytes;

/** @throws ConicError `invalid_data` for a chunk too small to hold the sizes. */
export function checkDs64Size(chunk: Chunk): void {
  if (chunk.size >= fixedBytes) return;
  throw invalidData(
    sizeOffset(chunk),
    `the "ds64" chunk has at least ${fixedBytes} bytes, this one ${chunk.size}`,
  );
}

export function parseDs64(body: Uint8Array, chunk: Chunk): Ds64 {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const entries = view.getUint32(24, true);
  const tableOffset = bodyOffset(chunk) + 24;
  if (fixedBytes + entries * entryBytes > chunk.size) {
    throw invalidData(tableOffset, `a table of ${entries} entries does not fit its "ds64" chunk`);
  }
  if (entries > maxDs64Entries) {
    throw unsupportedData(
      tableOffset,
      `a "ds64" table has ${entries} entries; maxDs64Entries is ${maxDs64Entries}`,
    );
  }
  const table = Array.from({ length: entries }, (_, index) => {
    const offset = fixedBytes + index * entryBytes;
    return { id: readId(body, offset), size: readUint64(view, offset + 4) };
  });
  const dataBytes = readUint64(view, 8);
  const known = dataBytes > 0 && Number.isSafeInteger(dataBytes);
  return { dataBytes: known ? dataBytes : undefined, table };
}

function readUint64(view: DataView, offset: number): number {
  return view.getUint32(offset + 4, true) * 2 ** 32 + view.getUint32(offset, true);
}

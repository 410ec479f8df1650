import { chunkHeaderBytes, padded } from "./constants.js";

/** A type, a length and a value (RFC 9260 section 3.2.1); of chunk causes too. */
export interface Parameter {
  readonly type: number;
  /** Without the header. */
  readonly value: Uint8Array;
}

const maxParameters = 64;

/**
 * The parameters in `bytes`; undefined when they are malformed or more than anybody needs. A length below that of
 * the header would make no progress: it is malformed.
 */
export function readParameters(bytes: Uint8Array): Parameter[] | undefined {
  const view = viewOf(bytes);
  const found: Parameter[] = [];
  let at = 0;
  while (at + chunkHeaderBytes <= bytes.length) {
    const length = view.getUint16(at + 2);
    if (length < chunkHeaderBytes || at + length > bytes.length) return undefined;
    if (found.length === maxParameters) return undefined;
    found.push({
      type: view.getUint16(at),
      value: bytes.subarray(at + chunkHeaderBytes, at + length),
    });
    at += padded(length);
  }
  return found;
}

/** One parameter, padded. */
export function writeParameter(type: number, value: Uint8Array): Uint8Array {
  const length = chunkHeaderBytes + value.length;
  const bytes = new Uint8Array(padded(length));
  const view = viewOf(bytes);
  view.setUint16(0, type);
  view.setUint16(2, length);
  bytes.set(value, chunkHeaderBytes);
  return bytes;
}

/** One chunk of these parts, padded. */
export function writeChunk(
  type: number,
  flags: number,
  ...parts: readonly Uint8Array[]
): Uint8Array {
  let length = chunkHeaderBytes;
  for (const part of parts) length += part.length;
  const bytes = new Uint8Array(padded(length));
  const view = viewOf(bytes);
  view.setUint8(0, type);
  view.setUint8(1, flags);
  view.setUint16(2, length);
  let at = chunkHeaderBytes;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

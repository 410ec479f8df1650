import {
  chunkType,
  dataFlag,
  dataHeaderBytes,
  iDataHeaderBytes,
  padded,
} from "../wire/constants.js";
import type { PacketWriter } from "../wire/packet-writer.js";
import type { SentChunk } from "./outbound.js";

export function headerBytes(interleaved: boolean): number {
  return interleaved ? iDataHeaderBytes : dataHeaderBytes;
}

export function chunkBytes(dataBytes: number, interleaved: boolean): number {
  return padded(headerBytes(interleaved) + dataBytes);
}

/**
 * Writes a DATA (RFC 9260 section 3.3.1) or I-DATA (RFC 8260 section 2.1) chunk; it has to fit.
 * @returns where its value starts.
 */
export function writeData(
  writer: PacketWriter,
  chunk: SentChunk,
  interleaved: boolean,
  immediate: boolean,
): number {
  const { message, offset, length } = chunk;
  const isFirst = offset === 0;
  let flags = 0;
  if (isFirst) flags |= dataFlag.begin;
  if (offset + length === message.data.length) flags |= dataFlag.end;
  if (message.unordered) flags |= dataFlag.unordered;
  if (immediate) flags |= dataFlag.immediate;
  const header = headerBytes(interleaved);
  const type = interleaved ? chunkType.iData : chunkType.data;
  const at = writer.chunk(type, flags, header + length);
  const { view } = writer;
  view.setUint32(at, chunk.tsn);
  view.setUint16(at + 4, message.stream.id);
  if (interleaved) {
    view.setUint16(at + 6, 0);
    view.setUint32(at + 8, message.number);
    view.setUint32(at + 12, isFirst ? message.ppid : chunk.fragment);
    writer.bytes(at + 16, message.data, offset, length);
  } else {
    view.setUint16(at + 6, message.number);
    view.setUint32(at + 8, message.ppid);
    writer.bytes(at + 12, message.data, offset, length);
  }
  return at;
}

/** Has the remote acknowledge at once (RFC 7053); of the chunk whose value starts here. */
export function askForSack(writer: PacketWriter, at: number): void {
  const { view } = writer;
  view.setUint8(at - 3, view.getUint8(at - 3) | dataFlag.immediate);
}

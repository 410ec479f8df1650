import type { PacketBuffer } from "../stream/packet-buffer.js";

export interface JoinedFrame {
  readonly data: Uint8Array;
  /** When its last packet came. */
  readonly arrivedAt: number;
}

/** The frame in the packets from `from` to below `end`; undefined when one of them cannot be read. */
export function joinFrame(
  buffer: PacketBuffer,
  from: number,
  end: number,
): JoinedFrame | undefined {
  let bytes = 0;
  let arrivedAt = Number.NEGATIVE_INFINITY;
  for (let at = from; at < end; at += 1) {
    const there = buffer.get(at);
    if (there === undefined) return undefined;
    const { payload } = there.packet;
    if (payload.length === 0) continue;
    if (there.vp8 === undefined) return undefined;
    bytes += payload.length - there.vp8.headerBytes;
    arrivedAt = Math.max(arrivedAt, there.arrivedAt);
  }
  const data = new Uint8Array(bytes);
  let to = 0;
  for (let at = from; at < end; at += 1) {
    const there = buffer.get(at);
    if (there?.vp8 === undefined) continue;
    const part = there.packet.payload.subarray(there.vp8.headerBytes);
    data.set(part, to);
    to += part.length;
  }
  return { data, arrivedAt };
}

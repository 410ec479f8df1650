import { ConicError } from "@conic/domain";

export interface Vp8PacketizeOptions {
  /** Of one payload, descriptor and all: above 4. */
  readonly maxPayloadBytes: number;
  /** Cut to 15 bits; one more for each frame. */
  readonly pictureId: number;
}

const descriptorBytes = 4;
const extended = 0x80;
const startOfPartition = 0x10;
const hasPictureId = 0x80;
const longPictureId = 0x80;

/**
 * The payloads of one frame (RFC 7741), of lengths that differ by a byte at most. The frame is treated as one
 * partition, as section 4.4 allows. The last packet gets the marker. The payloads share memory with each other alone.
 * @throws ConicError `invalid_argument` for an empty frame, or too few `maxPayloadBytes`.
 */
export function packetizeVp8(frame: Uint8Array, options: Vp8PacketizeOptions): Uint8Array[] {
  const { maxPayloadBytes, pictureId } = options;
  const room = maxPayloadBytes - descriptorBytes;
  if (frame.length === 0) throw new ConicError("invalid_argument", "a VP8 frame is never empty");
  if (!Number.isInteger(room) || room < 1) {
    throw new ConicError("invalid_argument", "maxPayloadBytes is an integer above 4", {
      details: { maxPayloadBytes },
    });
  }
  const count = Math.ceil(frame.length / room);
  // One piece of memory for all: an allocation for each payload would take longer than the rest.
  const memory = new Uint8Array(frame.length + count * descriptorBytes);
  const payloads: Uint8Array[] = [];
  for (let index = 0; index < count; index += 1) {
    const from = Math.floor((index * frame.length) / count);
    const to = Math.floor(((index + 1) * frame.length) / count);
    const start = from + index * descriptorBytes;
    const payload = memory.subarray(start, start + descriptorBytes + to - from);
    payload[0] = index === 0 ? extended | startOfPartition : extended;
    payload[1] = hasPictureId;
    payload[2] = longPictureId | ((pictureId >> 8) & 0x7f);
    payload[3] = pictureId;
    payload.set(frame.subarray(from, to), descriptorBytes);
    payloads.push(payload);
  }
  return payloads;
}

import { contentType } from "../record/header.js";
import type { RecordLayer } from "../record/record-layer.js";
import { encodeFragment, messageHeaderBytes } from "../messages/message.js";

/** What one side says before it waits for the other (RFC 6347 section 4.2.4). */
export type Flight = readonly FlightItem[];

export type FlightItem =
  | {
      readonly kind: "message";
      /** The message in one piece. */
      readonly wire: Buffer;
      readonly epoch: 0 | 1;
    }
  | { readonly kind: "change-cipher-spec" };

export const changeCipherSpec: FlightItem = { kind: "change-cipher-spec" };

/** The datagrams of a flight, with new record numbers each time. A message is cut only where it fits no datagram. */
export function packFlight(flight: Flight, records: RecordLayer, maxBytes: number): Buffer[] {
  const packer = new Packer(maxBytes);
  for (const item of flight) {
    if (item.kind === "message") packMessage(packer, item.wire, item.epoch, records);
    else packer.add(records.plain(contentType.changeCipherSpec, Buffer.of(1)));
  }
  return packer.finish();
}

function packMessage(packer: Packer, wire: Buffer, epoch: 0 | 1, records: RecordLayer): void {
  const overhead = records.overheadBytes(epoch) + messageHeaderBytes;
  const body = wire.subarray(messageHeaderBytes);
  let offset = 0;
  do {
    const left = body.length - offset;
    const size = Math.min(left, packer.roomFor(overhead + left) - overhead);
    const fragment = encodeFragment({
      type: wire.readUInt8(0),
      messageBytes: body.length,
      sequence: wire.readUInt16BE(4),
      offset,
      body: body.subarray(offset, offset + size),
    });
    const record =
      epoch === 0
        ? records.plain(contentType.handshake, fragment)
        : records.sealed(contentType.handshake, fragment);
    if (record === undefined) return;
    packer.add(record);
    offset += size;
  } while (offset < body.length);
}

class Packer {
  readonly #maxBytes: number;
  readonly #datagrams: Buffer[] = [];
  #records: Buffer[] = [];
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes that the next record may have: in this datagram if all of them fit, else in a new one. */
  roomFor(wantedBytes: number): number {
    if (this.#bytes + wantedBytes > this.#maxBytes) this.#flush();
    return this.#maxBytes - this.#bytes;
  }

  add(record: Buffer): void {
    this.roomFor(record.length);
    this.#records.push(record);
    this.#bytes += record.length;
  }

  finish(): Buffer[] {
    this.#flush();
    return this.#datagrams;
  }

  #flush(): void {
    if (this.#records.length === 0) return;
    this.#datagrams.push(Buffer.concat(this.#records));
    this.#records = [];
    this.#bytes = 0;
  }
}

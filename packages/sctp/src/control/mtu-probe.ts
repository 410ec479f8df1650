import { chunkType, packetHeaderBytes, parameterType } from "../wire/constants.js";
import type { PacketWriter } from "../wire/packet-writer.js";

const minWaitMs = 100;
const triesPerSize = 2;
/** The search ends when the answer is known to this many bytes. */
const precisionBytes = 64;
/** What Ethernet carries over IPv4 in DTLS: where a larger size fails, this is the one to expect. */
const ethernetBytes = 1_432;
const magic = 0x636f_6e69;
const overheadBytes = packetHeaderBytes + 8;

/**
 * Finds the largest packet that the path carries (RFC 8899): HEARTBEATs of that size, whose answer has the same
 * size, so that the way back is tried too. No data travels in a probe, so that a lost one costs nothing.
 */
export class MtuProbe {
  readonly #random32: () => number;
  readonly #onFound: (packetBytes: number) => void;
  #low: number;
  #high: number;
  #size = 0;
  #tries = 0;
  #nonce = 0;
  #due = false;
  #timeoutAt: number | undefined;

  constructor(
    baseBytes: number,
    maxBytes: number,
    random32: () => number,
    onFound: (packetBytes: number) => void,
  ) {
    this.#low = baseBytes;
    this.#high = Math.floor(maxBytes / 4) * 4;
    this.#random32 = random32;
    this.#onFound = onFound;
  }

  get nextTimeout(): number | undefined {
    return this.#timeoutAt;
  }

  /** Bytes of the probe that is to be sent; 0 when there is none. */
  get dueBytes(): number {
    return this.#due ? this.#size : 0;
  }

  start(): void {
    // The largest first: it is mostly what the owner knows of the path.
    if (this.#high > this.#low) this.#try(this.#high);
  }

  /** Ends the search; the next one is between these sizes. */
  reset(baseBytes: number, maxBytes: number): void {
    this.stop();
    this.#low = baseBytes;
    this.#high = Math.floor(maxBytes / 4) * 4;
  }

  stop(): void {
    this.#due = false;
    this.#size = 0;
    this.#timeoutAt = undefined;
  }

  write(writer: PacketWriter, now: number, roundTripMs: number): void {
    this.#due = false;
    this.#timeoutAt = now + Math.max(minWaitMs, roundTripMs * 3);
    const infoBytes = this.#size - packetHeaderBytes - 4;
    const at = writer.chunk(chunkType.heartbeat, 0, this.#size - packetHeaderBytes);
    const { view } = writer;
    view.setUint16(at, parameterType.heartbeatInfo);
    view.setUint16(at + 2, infoBytes);
    view.setUint32(at + 4, magic);
    view.setUint32(at + 8, this.#nonce);
    // What the buffer held before must not leave with the padding.
    for (let pad = at + 12; pad + 4 <= at + infoBytes; pad += 4) view.setUint32(pad, 0);
  }

  /** The value of a HEARTBEAT ACK. */
  onAnswer(view: DataView, at: number, length: number): void {
    if (this.#size === 0 || length + packetHeaderBytes + 4 < this.#size || length < 12) return;
    if (view.getUint32(at + 4) !== magic || view.getUint32(at + 8) !== this.#nonce) return;
    const found = this.#size;
    this.#low = found;
    this.#search();
    this.#onFound(found);
  }

  advance(now: number): void {
    if (this.#timeoutAt === undefined || this.#timeoutAt > now) return;
    this.#timeoutAt = undefined;
    if (this.#tries < triesPerSize) {
      this.#due = true;
      this.#tries += 1;
      return;
    }
    this.#high = this.#size - 4;
    this.#search();
  }

  #search(): void {
    this.#timeoutAt = undefined;
    if (this.#high - this.#low < precisionBytes) {
      this.stop();
      return;
    }
    const isBetween = this.#low < ethernetBytes && ethernetBytes < this.#high;
    this.#try(isBetween ? ethernetBytes : (((this.#low + this.#high) >> 1) + 3) & ~3);
  }

  #try(size: number): void {
    if (size < overheadBytes + 12) return;
    this.#size = size;
    this.#tries = 1;
    this.#nonce = this.#random32();
    this.#due = true;
  }
}

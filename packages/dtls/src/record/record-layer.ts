import type { RecordCipher } from "./record-cipher.js";
import { recordHeaderBytes, writeHeader, type RecordView } from "./header.js";
import { ReplayWindow } from "./replay-window.js";

/** RFC 6347 section 4.1: 48 bits. */
export const maxSequenceNumbers: number = 2 ** 48;

/** Epochs and sequence numbers of both directions. There are two epochs: 0 is plain, 1 is protected. */
export class RecordLayer {
  readonly #maxRecords: number;
  #plainSent = 0;
  #sealedSent = 0;
  #sealer: RecordCipher | undefined;
  #opener: RecordCipher | undefined;
  readonly #window = new ReplayWindow();

  /** @param maxRecords - Protected records that may be sent; the last is kept for an alert. */
  constructor(maxRecords: number) {
    this.#maxRecords = maxRecords;
  }

  get canOpen(): boolean {
    return this.#opener !== undefined;
  }

  /** Whether another record of data may be sealed. */
  get isExhausted(): boolean {
    return this.#sealedSent >= this.#maxRecords - 1;
  }

  sealWith(cipher: RecordCipher): void {
    this.#sealer = cipher;
  }

  openWith(cipher: RecordCipher): void {
    this.#opener = cipher;
  }

  overheadBytes(epoch: 0 | 1): number {
    return epoch === 0 || this.#sealer === undefined
      ? recordHeaderBytes
      : this.#sealer.overheadBytes;
  }

  plain(type: number, content: Uint8Array): Buffer {
    const record = Buffer.allocUnsafe(recordHeaderBytes + content.length);
    writeHeader(record, type, 0, this.#plainSent, content.length);
    this.#plainSent += 1;
    record.set(content, recordHeaderBytes);
    return record;
  }

  /** Undefined before there are keys, and once they have protected as many records as they may. */
  sealed(type: number, content: Uint8Array): Buffer | undefined {
    if (this.#sealer === undefined || this.#sealedSent >= this.#maxRecords) return undefined;
    const record = this.#sealer.seal(type, 1, this.#sealedSent, content);
    this.#sealedSent += 1;
    return record;
  }

  /** Content of a protected record; undefined when it is a second copy or not authentic. */
  open(record: RecordView): Buffer | undefined {
    if (this.#opener === undefined || !this.#window.accepts(record.sequence)) return undefined;
    const content = this.#opener.open(record.bytes);
    if (content !== undefined) this.#window.add(record.sequence);
    return content;
  }
}

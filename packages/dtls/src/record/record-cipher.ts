import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from "node:crypto";
import type { DirectionKeys } from "../crypto/key-schedule.js";
import type { CipherSuite } from "../crypto/suites.js";
import { dtls12, maxContentBytes, recordHeaderBytes, writeHeader } from "./header.js";

const tagBytes = 16;
const nonceBytes = 12;
/** Epoch and sequence number, at this place of the header. */
const numberStart = 3;
const numberEnd = 11;
const additionalBytes = 13;
const tagOptions = { authTagLength: tagBytes } as const;

/** Protects or opens the records of one direction (RFC 5246 section 6.2.3.3, RFC 5288, RFC 7905). */
export class RecordCipher {
  readonly #cipher: "aes-128-gcm";
  // A KeyObject: with the raw key, Node 24 takes four times as long for each record.
  readonly #key: KeyObject;
  readonly #fixedIv: Buffer;
  readonly #explicitBytes: number;
  // Filled anew for each record; OpenSSL copies both.
  readonly #nonce = Buffer.alloc(nonceBytes);
  readonly #additional = Buffer.alloc(additionalBytes);

  constructor(suite: CipherSuite, { key, fixedIv }: DirectionKeys) {
    // The types of Node know GCM and ChaCha20-Poly1305 under two signatures, which are one.
    this.#cipher = suite.cipher as "aes-128-gcm";
    this.#key = createSecretKey(key);
    this.#fixedIv = fixedIv;
    this.#explicitBytes = suite.explicitNonceBytes;
    fixedIv.copy(this.#nonce);
    this.#additional.writeUInt16BE(dtls12, 9);
  }

  /** What a record has beside its content. */
  get overheadBytes(): number {
    return recordHeaderBytes + this.#explicitBytes + tagBytes;
  }

  /** The whole record. The content is encrypted into a buffer of its own and copied once, behind the header. */
  seal(type: number, epoch: number, sequence: number, content: Uint8Array): Buffer {
    const start = recordHeaderBytes + this.#explicitBytes;
    const record = Buffer.allocUnsafe(start + content.length + tagBytes);
    writeHeader(record, type, epoch, sequence, record.length - recordHeaderBytes);
    if (this.#explicitBytes > 0) record.copy(record, recordHeaderBytes, numberStart, numberEnd);
    this.#setNonce(record, numberStart);
    this.#setAdditional(record, type, content.length);
    const cipher = createCipheriv(this.#cipher, this.#key, this.#nonce, tagOptions);
    cipher.setAAD(this.#additional);
    record.set(cipher.update(content), start);
    cipher.final();
    record.set(cipher.getAuthTag(), start + content.length);
    return record;
  }

  /** The content; undefined for a record that was not made with this key, or was changed. */
  open(record: Buffer): Buffer | undefined {
    const start = recordHeaderBytes + this.#explicitBytes;
    const end = record.length - tagBytes;
    if (end < start || end - start > maxContentBytes) return undefined;
    // With GCM the sender chooses this part, which need not be the sequence number (RFC 5288 section 3).
    this.#setNonce(record, this.#explicitBytes > 0 ? recordHeaderBytes : numberStart);
    this.#setAdditional(record, record.readUInt8(0), end - start);
    this.#additional.writeUInt16BE(record.readUInt16BE(1), 9);
    const decipher = createDecipheriv(this.#cipher, this.#key, this.#nonce, tagOptions);
    decipher.setAAD(this.#additional);
    decipher.setAuthTag(record.subarray(end));
    const content = decipher.update(record.subarray(start, end));
    try {
      decipher.final();
    } catch {
      return undefined;
    }
    return content;
  }

  #setNonce(record: Buffer, from: number): void {
    const nonce = this.#nonce;
    record.copy(nonce, nonceBytes - 8, from, from + 8);
    if (this.#explicitBytes > 0) return;
    for (let at = nonceBytes - 8; at < nonceBytes; at += 1) {
      nonce.writeUInt8(nonce.readUInt8(at) ^ this.#fixedIv.readUInt8(at), at);
    }
  }

  #setAdditional(record: Buffer, type: number, length: number): void {
    record.copy(this.#additional, 0, numberStart, numberEnd);
    this.#additional.writeUInt8(type, 8);
    this.#additional.writeUInt16BE(length, 11);
  }
}

import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from "node:crypto";
import { readUint32 } from "../../packet/parse.js";
import { writeUint32 } from "../../packet/write.js";
import {
  encryptedFlag,
  rtcpClearBytes,
  rtcpSsrcAt,
  rtpSsrcAt,
  trailerBytes,
  type RtcpCipher,
  type RtpCipher,
} from "./cipher.js";

const tagBytes = 16;
const nonceBytes = 12;
const tagOptions = { authTagLength: tagBytes } as const;
const nothing = new Uint8Array(0);

/** AEAD_AES_128_GCM with a nonce of salt, SSRC and packet index (RFC 7714 section 8.1 and 9.1). */
class Aead {
  // A KeyObject: with the raw key, Node 24 takes far longer for each packet.
  readonly #key: KeyObject;
  readonly #salt: Uint8Array;
  // Filled anew for each packet; OpenSSL copies it.
  readonly #nonce = new Uint8Array(nonceBytes);

  constructor(key: Uint8Array, salt: Uint8Array) {
    this.#key = createSecretKey(key);
    this.#salt = Uint8Array.from(salt);
  }

  /** Two bytes of zero, SSRC, 48 bits of index: with the salt over them. */
  setNonce(ssrc: number, index: number): void {
    const nonce = this.#nonce;
    writeUint32(nonce, 2, ssrc);
    const upper = Math.floor(index / 0x1_0000_0000);
    nonce[0] = 0;
    nonce[1] = 0;
    nonce[6] = upper >>> 8;
    nonce[7] = upper;
    writeUint32(nonce, 8, index);
    for (let at = 0; at < nonceBytes; at += 1) {
      nonce[at] = (nonce[at] as number) ^ (this.#salt[at] as number);
    }
  }

  /** Writes ciphertext and tag to `out`. */
  seal(associated: Uint8Array, plain: Uint8Array, out: Uint8Array, at: number): void {
    const cipher = createCipheriv("aes-128-gcm", this.#key, this.#nonce, tagOptions);
    cipher.setAAD(associated);
    if (plain.length > 0) out.set(cipher.update(plain), at);
    cipher.final();
    out.set(cipher.getAuthTag(), at + plain.length);
  }

  /** The plaintext; undefined when the tag is wrong. OpenSSL compares in constant time. */
  open(associated: Uint8Array, sealed: Uint8Array, tag: Uint8Array): Uint8Array | undefined {
    const decipher = createDecipheriv("aes-128-gcm", this.#key, this.#nonce, tagOptions);
    decipher.setAAD(associated);
    decipher.setAuthTag(tag);
    const plain = sealed.length > 0 ? decipher.update(sealed) : nothing;
    try {
      decipher.final();
    } catch {
      return undefined;
    }
    return plain;
  }
}

/** Header; encrypted payload; tag. The header is associated data. */
export class GcmRtp implements RtpCipher {
  readonly #aead: Aead;

  constructor(key: Uint8Array, salt: Uint8Array) {
    this.#aead = new Aead(key, salt);
  }

  seal(packet: Uint8Array, payloadStart: number, index: number): Uint8Array {
    const out = Buffer.allocUnsafe(packet.length + tagBytes);
    const header = packet.subarray(0, payloadStart);
    out.set(header);
    this.#aead.setNonce(readUint32(packet, rtpSsrcAt), index);
    this.#aead.seal(header, packet.subarray(payloadStart), out, payloadStart);
    return out;
  }

  open(packet: Uint8Array, payloadStart: number, index: number): Uint8Array | undefined {
    const end = packet.length - tagBytes;
    if (end < payloadStart) return undefined;
    const header = packet.subarray(0, payloadStart);
    this.#aead.setNonce(readUint32(packet, rtpSsrcAt), index);
    const plain = this.#aead.open(header, packet.subarray(payloadStart, end), packet.subarray(end));
    return plain === undefined ? undefined : joined(header, plain);
  }
}

/** Clear header; encrypted rest; tag; E flag and index. Associated: all that is in the clear but the tag. */
export class GcmRtcp implements RtcpCipher {
  readonly #aead: Aead;

  constructor(key: Uint8Array, salt: Uint8Array) {
    this.#aead = new Aead(key, salt);
  }

  seal(packet: Uint8Array, index: number): Uint8Array {
    const out = new Uint8Array(packet.length + tagBytes + trailerBytes);
    const clear = packet.subarray(0, rtcpClearBytes);
    out.set(clear);
    writeUint32(out, packet.length + tagBytes, encryptedFlag + index);
    this.#aead.setNonce(readUint32(packet, rtcpSsrcAt), index);
    const associated = joined(clear, out.subarray(packet.length + tagBytes));
    this.#aead.seal(associated, packet.subarray(rtcpClearBytes), out, rtcpClearBytes);
    return out;
  }

  trailer(packet: Uint8Array): number | undefined {
    if (packet.length < rtcpClearBytes + tagBytes + trailerBytes) return undefined;
    return readUint32(packet, packet.length - trailerBytes);
  }

  open(packet: Uint8Array, trailer: number): Uint8Array | undefined {
    const trailerAt = packet.length - trailerBytes;
    const end = trailerAt - tagBytes;
    const clear = packet.subarray(0, trailer >= encryptedFlag ? rtcpClearBytes : end);
    const associated = joined(clear, packet.subarray(trailerAt));
    this.#aead.setNonce(readUint32(packet, rtcpSsrcAt), trailer % encryptedFlag);
    const sealed = packet.subarray(clear.length, end);
    const plain = this.#aead.open(associated, sealed, packet.subarray(end, trailerAt));
    return plain === undefined ? undefined : joined(clear, plain);
  }
}

// Memory of its own, none of Node's pool: what holds a packet keeps nothing else, and may transfer it.
function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}

import { createHmac, createSecretKey, timingSafeEqual, type KeyObject } from "node:crypto";
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
import { Keystream } from "./keystream.js";

/** 80 bits of HMAC-SHA1. */
const tagBytes = 10;
const rolloverBytes = 4;

export interface CmKeys {
  readonly encryption: Uint8Array;
  readonly authentication: Uint8Array;
  readonly salt: Uint8Array;
}

/** Header; encrypted payload; tag, over both and the rollover counter (RFC 3711 section 4.2). */
export class CmRtp implements RtpCipher {
  readonly #keystream: Keystream;
  readonly #authentication: KeyObject;
  readonly #rollover = new Uint8Array(rolloverBytes);

  constructor(keys: CmKeys) {
    this.#keystream = new Keystream(keys.encryption, keys.salt);
    this.#authentication = createSecretKey(keys.authentication);
  }

  seal(packet: Uint8Array, payloadStart: number, index: number): Uint8Array {
    const { length } = packet;
    const out = Buffer.allocUnsafe(length + tagBytes);
    out.set(packet.subarray(0, payloadStart));
    const ssrc = readUint32(packet, rtpSsrcAt);
    this.#keystream.apply(packet, out, payloadStart, length, ssrc, index);
    // The counter is authenticated where the tag will be: one update of the HMAC does.
    writeUint32(out, length, rolloverOf(index));
    const mac = createHmac("sha1", this.#authentication);
    out.set(tagOf(mac.update(out.subarray(0, length + rolloverBytes)).digest()), length);
    return out;
  }

  open(packet: Uint8Array, payloadStart: number, index: number): Uint8Array | undefined {
    const end = packet.length - tagBytes;
    if (end < payloadStart) return undefined;
    writeUint32(this.#rollover, 0, rolloverOf(index));
    const mac = createHmac("sha1", this.#authentication);
    const tag = tagOf(mac.update(packet.subarray(0, end)).update(this.#rollover).digest());
    if (!timingSafeEqual(tag, packet.subarray(end))) return undefined;
    const out = new Uint8Array(packet.subarray(0, end));
    const ssrc = readUint32(packet, rtpSsrcAt);
    this.#keystream.apply(packet, out, payloadStart, end, ssrc, index);
    return out;
  }
}

/** Clear header; encrypted rest; E flag and index; tag over all of it. */
export class CmRtcp implements RtcpCipher {
  readonly #keystream: Keystream;
  readonly #authentication: KeyObject;

  constructor(keys: CmKeys) {
    this.#keystream = new Keystream(keys.encryption, keys.salt);
    this.#authentication = createSecretKey(keys.authentication);
  }

  seal(packet: Uint8Array, index: number): Uint8Array {
    const { length } = packet;
    const out = new Uint8Array(length + trailerBytes + tagBytes);
    out.set(packet.subarray(0, rtcpClearBytes));
    const ssrc = readUint32(packet, rtcpSsrcAt);
    this.#keystream.apply(packet, out, rtcpClearBytes, length, ssrc, index);
    writeUint32(out, length, encryptedFlag + index);
    out.set(this.#tag(out.subarray(0, length + trailerBytes)), length + trailerBytes);
    return out;
  }

  trailer(packet: Uint8Array): number | undefined {
    const at = packet.length - tagBytes - trailerBytes;
    return at < rtcpClearBytes ? undefined : readUint32(packet, at);
  }

  open(packet: Uint8Array, trailer: number): Uint8Array | undefined {
    const tagAt = packet.length - tagBytes;
    const tag = this.#tag(packet.subarray(0, tagAt));
    if (!timingSafeEqual(tag, packet.subarray(tagAt))) return undefined;
    const end = tagAt - trailerBytes;
    const out = new Uint8Array(packet.subarray(0, end));
    if (trailer < encryptedFlag) return out;
    const ssrc = readUint32(packet, rtcpSsrcAt);
    this.#keystream.apply(packet, out, rtcpClearBytes, end, ssrc, trailer % encryptedFlag);
    return out;
  }

  #tag(bytes: Uint8Array): Uint8Array {
    return tagOf(createHmac("sha1", this.#authentication).update(bytes).digest());
  }
}

function tagOf(digest: Buffer): Uint8Array {
  return digest.subarray(0, tagBytes);
}

function rolloverOf(index: number): number {
  return Math.floor(index / 0x1_0000);
}

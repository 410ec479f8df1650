import { ConicError } from "@conic/domain";
import { rtpPayloadStart, readUint32 } from "../packet/parse.js";
import { encryptedFlag, rtcpClearBytes, rtcpSsrcAt, rtpSsrcAt } from "./ciphers/cipher.js";
import { createCiphers, type DirectionCiphers } from "./ciphers/create.js";
import { srtpKeyLengths, type SrtpKeys } from "./profile.js";
import { LocalSource, packetIndex, RemoteSource } from "./sources.js";

export interface SrtpOptions {
  /** SSRCs of the remote that are known at most; packets of further ones are refused. Default 256. */
  readonly maxRemoteSources?: number;
}

const defaultMaxRemoteSources = 256;

/** SRTP and SRTCP (RFC 3711, RFC 7714) between two ends that share one pair of keys for all streams, as DTLS-SRTP makes it. */
export class SrtpSession {
  readonly #local: DirectionCiphers;
  readonly #remote: DirectionCiphers;
  readonly #maxRemoteSources: number;
  readonly #localSources = new Map<number, LocalSource>();
  readonly #remoteSources = new Map<number, RemoteSource>();

  /** @throws ConicError `unsupported` for another profile, `invalid_argument` for a key or salt of another length. */
  constructor(keys: SrtpKeys, options: SrtpOptions = {}) {
    checkLengths(keys);
    this.#local = createCiphers(keys.profile, keys.localKey, keys.localSalt);
    this.#remote = createCiphers(keys.profile, keys.remoteKey, keys.remoteSalt);
    this.#maxRemoteSources = options.maxRemoteSources ?? defaultMaxRemoteSources;
  }

  /**
   * The packet to send. Sequence numbers of a stream go up by less than 2^15; an older one, down to 2^15 ago, is
   * protected as it was then. That has to be the very same packet: two packets with the same number tell an
   * eavesdropper what they hold, and with GCM let him forge others (RFC 3711 section 9.1, RFC 7714 section 10.1).
   * @throws ConicError `invalid_argument` when it is not RTP.
   */
  protectRtp(packet: Uint8Array): Uint8Array {
    const payloadStart = rtpPayloadStart(packet);
    if (payloadStart === undefined) {
      throw new ConicError("invalid_argument", "only whole RTP packets can be protected as such");
    }
    const index = this.#localSource(readUint32(packet, rtpSsrcAt)).rtpIndex(sequenceOf(packet));
    return this.#local.rtp.seal(packet, payloadStart, index);
  }

  /** The packet that the remote protected, in memory of its own; undefined when it is forged, replayed or malformed. */
  unprotectRtp(packet: Uint8Array): Uint8Array | undefined {
    const payloadStart = rtpPayloadStart(packet);
    if (payloadStart === undefined) return undefined;
    const ssrc = readUint32(packet, rtpSsrcAt);
    const source = this.#remoteSources.get(ssrc);
    if (source === undefined && this.#isFull) return undefined;
    const index = packetIndex(source?.rtp.highest ?? -1, sequenceOf(packet));
    if (source?.rtp.accepts(index) === false) return undefined;
    const plain = this.#remote.rtp.open(packet, payloadStart, index);
    if (plain !== undefined) (source ?? this.#addRemote(ssrc)).rtp.add(index);
    return plain;
  }

  /**
   * The RTCP packet to send, a compound or a single one.
   * @throws ConicError `invalid_argument` when it is shorter than 8 bytes, `invalid_state` after 2^31 of one SSRC.
   */
  protectRtcp(packet: Uint8Array): Uint8Array {
    if (packet.length < rtcpClearBytes) {
      throw new ConicError("invalid_argument", "an RTCP packet has 8 bytes at least");
    }
    const index = this.#localSource(readUint32(packet, rtcpSsrcAt)).rtcpIndex();
    return this.#local.rtcp.seal(packet, index);
  }

  /** As {@link unprotectRtp}. One that is authentic but not encrypted is taken too (RFC 3711 section 3.4). */
  unprotectRtcp(packet: Uint8Array): Uint8Array | undefined {
    const trailer = this.#remote.rtcp.trailer(packet);
    if (trailer === undefined) return undefined;
    const ssrc = readUint32(packet, rtcpSsrcAt);
    const source = this.#remoteSources.get(ssrc);
    if (source === undefined && this.#isFull) return undefined;
    const index = trailer % encryptedFlag;
    if (source?.rtcp.accepts(index) === false) return undefined;
    const plain = this.#remote.rtcp.open(packet, trailer);
    if (plain !== undefined) (source ?? this.#addRemote(ssrc)).rtcp.add(index);
    return plain;
  }

  // The oldest is not forgotten instead: its packets could then be replayed.
  get #isFull(): boolean {
    return this.#remoteSources.size >= this.#maxRemoteSources;
  }

  #localSource(ssrc: number): LocalSource {
    let source = this.#localSources.get(ssrc);
    if (source === undefined) {
      source = new LocalSource();
      this.#localSources.set(ssrc, source);
    }
    return source;
  }

  #addRemote(ssrc: number): RemoteSource {
    const source = new RemoteSource();
    this.#remoteSources.set(ssrc, source);
    return source;
  }
}

function sequenceOf(packet: Uint8Array): number {
  return ((packet[2] as number) << 8) | (packet[3] as number);
}

function checkLengths(keys: SrtpKeys): void {
  const { keyBytes, saltBytes } = srtpKeyLengths(keys.profile);
  for (const key of [keys.localKey, keys.remoteKey]) check("key", key, keyBytes);
  for (const salt of [keys.localSalt, keys.remoteSalt]) check("salt", salt, saltBytes);
}

function check(what: string, bytes: Uint8Array, wanted: number): void {
  if (bytes.length === wanted) return;
  throw new ConicError("invalid_argument", `the ${what} of this profile has ${wanted} bytes`, {
    details: { bytes: bytes.length },
  });
}

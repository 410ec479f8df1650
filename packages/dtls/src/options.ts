import { ConicError } from "@conic/domain";
import type { DtlsCertificate } from "./certificate/generate.js";
import {
  expectedCertificate,
  type DtlsFingerprint,
  type ExpectedCertificate,
} from "./certificate/fingerprint.js";
import { maxSequenceNumbers } from "./record/record-layer.js";

export type DtlsRole = "client" | "server";

/** W3C RTCDtlsTransportState. */
export type DtlsState = "new" | "connecting" | "connected" | "closed" | "failed";

export interface DtlsOptions {
  readonly role: DtlsRole;
  /** Of this side; the remote has to have one too. */
  readonly certificate: DtlsCertificate;
  /** Announced by the remote over a channel that is trusted, such as the signaling. */
  readonly remoteFingerprints: readonly DtlsFingerprint[];
  /** RFC 5764 section 4.1.2, in order of preference, such as {@link srtpProfiles}. Default: none. */
  readonly srtpProfiles?: readonly number[];
  /** Of the datagrams of the handshake; messages that are longer are cut. Default 1200, at least 64. */
  readonly maxDatagramBytes?: number;
  /**
   * Time, in ms, until a flight of the handshake is repeated for the first time; then twice that, up to 500. Default:
   * 100, or 50 and one and a half round trips where `roundTripMs` is given. RFC 6347 proposes 1 s for paths of which
   * nothing is known; here ICE has found a path that works, and a repetition that was not needed costs one datagram.
   */
  readonly initialTimeoutMs?: number;
  /** Of the path, if it was measured. */
  readonly roundTripMs?: number;
  /** Time, in ms, that the handshake may take. Default 30 000. */
  readonly handshakeTimeoutMs?: number;
  /** Records that may be sent under the keys of one connection, which then fails. Default and most: 2 to the 48. */
  readonly maxRecords?: number;
}

/** What a connection says; called within its methods. A handler that throws throws through the method. */
export interface DtlsEvents {
  /** To be sent to the remote, at once and as it is. */
  datagram(bytes: Buffer): void;
  /** Content of one record of the remote. */
  data(bytes: Buffer): void;
  /** `error` with `failed`. `closed` comes when either side closed. */
  state(state: DtlsState, error?: ConicError): void;
}

export interface ResolvedOptions {
  readonly role: DtlsRole;
  readonly certificate: DtlsCertificate;
  readonly expected: ExpectedCertificate;
  readonly srtpProfiles: readonly number[];
  readonly maxDatagramBytes: number;
  readonly initialTimeoutMs: number;
  readonly handshakeTimeoutMs: number;
  readonly maxRecords: number;
}

/** RFC 5764 section 4.1.2 and RFC 7714 section 14.2: what WebRTC uses. */
export const srtpProfiles = { aes128CmSha1Tag80: 0x0001, aeadAes128Gcm: 0x0007 } as const;

const minDatagramBytes = 64;
const maxDatagramBytes = 65_507;
const unknownPathTimeoutMs = 100;
const knownPathTimeoutMs = 50;
const knownPathRoundTrips = 1.5;

export function resolveOptions(options: DtlsOptions): ResolvedOptions {
  const { role, certificate, roundTripMs } = options;
  const keyType = certificate.privateKey.asymmetricKeyType;
  if (keyType !== "ec" && keyType !== "rsa") {
    throw new ConicError("invalid_argument", "certificate.privateKey must be an EC or RSA key");
  }
  const guess =
    roundTripMs === undefined
      ? unknownPathTimeoutMs
      : knownPathTimeoutMs + knownPathRoundTrips * inRange("roundTripMs", roundTripMs, 0, 60_000);
  return {
    role,
    certificate,
    expected: expectedCertificate(options.remoteFingerprints),
    srtpProfiles: options.srtpProfiles ?? [],
    maxDatagramBytes: inRange(
      "maxDatagramBytes",
      options.maxDatagramBytes ?? 1200,
      minDatagramBytes,
      maxDatagramBytes,
    ),
    initialTimeoutMs: inRange("initialTimeoutMs", options.initialTimeoutMs ?? guess, 1, 90_050),
    handshakeTimeoutMs: inRange(
      "handshakeTimeoutMs",
      options.handshakeTimeoutMs ?? 30_000,
      1,
      3_600_000,
    ),
    maxRecords: inRange(
      "maxRecords",
      options.maxRecords ?? maxSequenceNumbers,
      8,
      maxSequenceNumbers,
    ),
  };
}

function inRange(name: string, value: number, low: number, high: number): number {
  if (value >= low && value <= high) return value;
  throw new ConicError("invalid_argument", `${name} must be from ${low} to ${high}`);
}

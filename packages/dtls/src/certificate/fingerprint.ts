import { createHash } from "node:crypto";
import { ConicError } from "@conic/domain";
import { refuse } from "../alerts.js";

/** What `a=fingerprint` of a session description says (RFC 8122 section 5). */
export interface DtlsFingerprint {
  /** Such as `sha-256`; upper and lower case are the same. */
  readonly algorithm: string;
  /** Hex; case, and colons between the bytes, do not matter. */
  readonly value: string;
}

export type FingerprintAlgorithm = "sha-1" | "sha-224" | "sha-256" | "sha-384" | "sha-512";

interface Hash {
  readonly algorithm: FingerprintAlgorithm;
  readonly name: string;
  readonly hexChars: number;
}

/** The strongest first. RFC 8122 section 5 forbids MD5 and MD2. */
const hashes: readonly Hash[] = [
  { algorithm: "sha-512", name: "sha512", hexChars: 128 },
  { algorithm: "sha-384", name: "sha384", hexChars: 96 },
  { algorithm: "sha-256", name: "sha256", hexChars: 64 },
  { algorithm: "sha-224", name: "sha224", hexChars: 56 },
  { algorithm: "sha-1", name: "sha1", hexChars: 40 },
];

/** The fingerprint of a certificate in DER, as a session description wants it: `AB:CD:…`. */
export function fingerprintOf(certificate: Uint8Array, algorithm: FingerprintAlgorithm): string {
  const hash = hashes.find((known) => known.algorithm === algorithm);
  if (hash === undefined) {
    throw new ConicError("invalid_argument", `no fingerprints are made with ${algorithm}`);
  }
  const hex = createHash(hash.name).update(certificate).digest("hex").toUpperCase();
  return hex.replaceAll(/..(?!$)/g, "$&:");
}

export interface ExpectedCertificate {
  readonly hash: string;
  /** Lower-case hex. */
  readonly values: readonly string[];
}

/**
 * RFC 8122 section 5: the strongest hash function counts alone, and one of its values must match.
 * @throws ConicError `invalid_argument` when no fingerprint can be used.
 */
export function expectedCertificate(fingerprints: readonly DtlsFingerprint[]): ExpectedCertificate {
  for (const { algorithm, name, hexChars } of hashes) {
    const values = fingerprints
      .filter((fingerprint) => fingerprint.algorithm.trim().toLowerCase() === algorithm)
      .map(({ value }) => value.replaceAll(/[:\s]/g, "").toLowerCase())
      .filter((value) => value.length === hexChars && /^[0-9a-f]+$/.test(value));
    if (values.length > 0) return { hash: name, values };
  }
  throw new ConicError(
    "invalid_argument",
    "remoteFingerprints needs a fingerprint with SHA-1, SHA-224, SHA-256, SHA-384 or SHA-512",
  );
}

/** @throws ConicError with alert `bad_certificate` for a certificate other than the announced one. */
export function checkFingerprint(certificate: Buffer, expected: ExpectedCertificate): void {
  const actual = createHash(expected.hash).update(certificate).digest("hex");
  if (!expected.values.includes(actual)) {
    throw refuse("bad_certificate", "the certificate of the remote is not the announced one");
  }
}

import { generateKeyPairSync, randomBytes, sign, type KeyObject } from "node:crypto";
import {
  bitString,
  explicit0,
  objectId,
  positiveInteger,
  sequence,
  set,
  time,
  utf8String,
} from "./der.js";

/** A certificate and its private key. */
export interface DtlsCertificate {
  /** X.509, DER. */
  readonly certificate: Uint8Array;
  /** EC (P-256, P-384 or P-521) or RSA. */
  readonly privateKey: KeyObject;
}

export interface GenerateCertificateOptions {
  /** Milliseconds since the epoch, for the dates of the certificate. Default: now. */
  readonly nowMs?: number;
}

const dayMs = 86_400_000;
/** RFC 8827 leaves dates to the signaling; a day of doubt about the clock is what browsers take too. */
const validFromMs = -dayMs;
const validUntilMs = 30 * dayMs;

const ecdsaWithSha256 = "2a8648ce3d040302";
const commonName = "550403";
const version3 = 2;
const serialBytes = 16;

/**
 * A fresh self-signed certificate on P-256. Serial number and name are random and say nothing about this host: two
 * connections that use two certificates cannot be told to be of one peer (RFC 8827 section 7.2).
 */
export function generateCertificate(options: GenerateCertificateOptions = {}): DtlsCertificate {
  const nowMs = options.nowMs ?? Date.now();
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const serial = randomBytes(serialBytes);
  // Not 0, and no zero in front.
  serial.writeUInt8((serial.readUInt8(0) & 0x7f) | 0x40, 0);
  const name = sequence(
    set(sequence(objectId(commonName), utf8String(randomBytes(8).toString("hex")))),
  );
  const algorithm = sequence(objectId(ecdsaWithSha256));
  const content = sequence(
    explicit0(positiveInteger(Buffer.of(version3))),
    positiveInteger(serial),
    algorithm,
    name,
    sequence(time(nowMs + validFromMs), time(nowMs + validUntilMs)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
  );
  const signature = sign("sha256", content, privateKey);
  return { certificate: sequence(content, algorithm, bitString(signature)), privateKey };
}

import { X509Certificate, type KeyObject } from "node:crypto";
import { refuse } from "../alerts.js";
import { checkFingerprint, type ExpectedCertificate } from "./fingerprint.js";

export interface RemoteCertificate {
  readonly der: Buffer;
  readonly publicKey: KeyObject;
}

/** NIST SP 800-57: what is shorter has less than 112 bits of security. */
const minRsaBits = 2048;

/**
 * The key of the remote's certificate, once its fingerprint is the announced one. Names and dates are not looked at:
 * the signaling vouches for the certificate (RFC 8827 section 6.5).
 */
export function trustCertificate(der: Buffer, expected: ExpectedCertificate): RemoteCertificate {
  checkFingerprint(der, expected);
  const publicKey = readKey(der);
  const type = publicKey.asymmetricKeyType;
  if (type !== "ec" && type !== "rsa") {
    throw refuse("unsupported_certificate", `a certificate with a key of type ${type ?? "?"}`);
  }
  if (type === "rsa" && (publicKey.asymmetricKeyDetails?.modulusLength ?? 0) < minRsaBits) {
    throw refuse("insufficient_security", `an RSA key has ${minRsaBits} bits at least`);
  }
  return { der, publicKey };
}

function readKey(der: Buffer): KeyObject {
  try {
    return new X509Certificate(der).publicKey;
  } catch (error) {
    throw refuse("bad_certificate", "the certificate of the remote cannot be read", error);
  }
}

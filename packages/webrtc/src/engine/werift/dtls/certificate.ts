import { fingerprintOf, generateCertificate, type DtlsCertificate } from "@conic/dtls";
import type { WeriftPeer } from "../vendor.js";

/** What werift reads of an RTCCertificate: fingerprints for descriptions, the certificate for statistics. */
export interface CertificateLike {
  readonly certPem: string;
  getFingerprints(): readonly { readonly algorithm: string; readonly value: string }[];
}

interface ManagerInternals {
  readonly secureManager: { certificate: CertificateLike };
}

const lineChars = 64;

export function describeCertificate({ certificate }: DtlsCertificate): CertificateLike {
  const base64 = Buffer.from(certificate).toString("base64");
  const lines = base64.match(new RegExp(`.{1,${lineChars}}`, "g")) ?? [];
  const pem = ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""];
  const fingerprints = [{ algorithm: "sha-256", value: fingerprintOf(certificate, "sha-256") }];
  return { certPem: pem.join("\n"), getFingerprints: () => fingerprints };
}

/**
 * A fresh certificate for one connection. werift makes one for the whole process: all its connections could be told
 * to be of one peer (RFC 8827 section 7.2), and one stolen key would open them all.
 */
export function useFreshCertificate(peer: WeriftPeer): DtlsCertificate {
  const certificate = generateCertificate();
  (peer as unknown as ManagerInternals).secureManager.certificate =
    describeCertificate(certificate);
  return certificate;
}

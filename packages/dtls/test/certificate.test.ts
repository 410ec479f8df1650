import { X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { fingerprintOf, generateCertificate, type FingerprintAlgorithm } from "../src/index.js";

const nowMs = Date.UTC(2026, 5, 15, 12, 30, 45);
const read = (options = {}): X509Certificate =>
  new X509Certificate(generateCertificate(options).certificate);

describe("a generated certificate", () => {
  it("is signed by its own key, on P-256", () => {
    const { certificate, privateKey } = generateCertificate();
    const x509 = new X509Certificate(certificate);
    expect(x509.verify(x509.publicKey)).toBe(true);
    expect(x509.checkPrivateKey(privateKey)).toBe(true);
    expect(x509.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: "prime256v1" });
    expect(x509.checkIssued(x509)).toBe(true);
  });

  it("is valid from a day ago until a month from now", () => {
    const x509 = read({ nowMs });
    expect(x509.validFrom).toBe("Jun 14 12:30:45 2026 GMT");
    expect(x509.validTo).toBe("Jul 15 12:30:45 2026 GMT");
  });

  it("has the dates of RFC 5280 after 2049 as well", () => {
    expect(read({ nowMs: Date.UTC(2060, 0, 1) }).validTo).toBe("Jan 31 00:00:00 2060 GMT");
  });

  it("says nothing that is the same in two of them", () => {
    const many = Array.from({ length: 50 }, () => read());
    expect(new Set(many.map(({ serialNumber }) => serialNumber)).size).toBe(50);
    expect(new Set(many.map(({ subject }) => subject)).size).toBe(50);
    expect(new Set(many.map(({ fingerprint256 }) => fingerprint256)).size).toBe(50);
    for (const { subject, issuer, serialNumber } of many) {
      expect(subject).toMatch(/^CN=[0-9a-f]{16}$/);
      expect(issuer).toBe(subject);
      expect(serialNumber).toMatch(/^[4-7][0-9A-F]{31}$/);
    }
  });
});

describe("a fingerprint", () => {
  it("is upper-case hex with colons", () => {
    expect(fingerprintOf(Buffer.from("abc"), "sha-1")).toBe(
      "A9:99:3E:36:47:06:81:6A:BA:3E:25:71:78:50:C2:6C:9C:D0:D8:9D",
    );
  });

  it("is not made with what is no known hash", () => {
    expect(() => fingerprintOf(Buffer.of(), "md5" as FingerprintAlgorithm)).toThrow(
      expect.objectContaining({ code: "invalid_argument" }),
    );
  });
});

import { createHash, generateKeyPairSync, X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  fingerprintOf,
  generateCertificate,
  type DtlsFingerprint,
  type DtlsRole,
  type FingerprintAlgorithm,
} from "../src/index.js";
import {
  certificateOf,
  connected,
  fingerprintsOf,
  Link,
  oneWayMs,
  type LinkOptions,
} from "./support/link.js";

const roles = ["client", "server"] as const;

function other(role: DtlsRole): DtlsRole {
  return role === "client" ? "server" : "client";
}

/** Runs a handshake in which `role` is not to trust the other side; neither may get to the end. */
function expectRefusal(role: DtlsRole, options: LinkOptions, alert: string): void {
  const link = new Link(options);
  link.connect();
  const [victim, attacker] = [link.end(role), link.end(other(role))];
  expect([victim.state, attacker.state]).toEqual(["failed", "failed"]);
  expect(victim.error).toMatchObject({
    code: "connection_failed",
    details: { alert, by: "local" },
  });
  expect(attacker.error).toMatchObject({ details: { alert, by: "remote" } });
  expect(victim.states).toEqual(["connecting", "failed"]);
  expect(victim.connection.remoteCertificate).toBe(undefined);
  expect(() => victim.connection.exportKeyingMaterial("x", 1)).toThrow(/before/);
}

/** A link whose client was told these fingerprints. */
function announce(remoteFingerprints: readonly DtlsFingerprint[]): Link {
  const link = new Link({ client: { remoteFingerprints } });
  link.connect();
  return link;
}

function printOf(algorithm: FingerprintAlgorithm, der: Uint8Array): DtlsFingerprint {
  return { algorithm, value: fingerprintOf(der, algorithm) };
}

/** Whether this byte is in the header of a record, or in a ChangeCipherSpec: covered by no signature. */
function isHeader(datagram: Buffer, at: number): boolean {
  for (let start = 0; start < datagram.length;) {
    if (at < start + 13) return true;
    if (datagram[start] === 20) return at < start + 14;
    start += 13 + datagram.readUInt16BE(start + 11);
    if (at < start) return false;
  }
  return false;
}

/** The bytes of this datagram of which a change on the way is believed by both, headers apart. */
function unnoticed(role: DtlsRole, index: number): number[] {
  const { length } = connected().end(role).sent[index] ?? Buffer.alloc(0);
  return Array.from({ length }, (_, at) => at).filter((at) => {
    let original = Buffer.alloc(0);
    const link = new Link({
      client: { handshakeTimeoutMs: 2_000 },
      server: { handshakeTimeoutMs: 2_000 },
      path: (from, datagram, sent) => {
        // Each repetition as well: whoever changes it is on the path.
        if (from === role && sent >= index && at < datagram.length) {
          if (sent === index) original = Buffer.from(datagram);
          datagram.writeUInt8(datagram.readUInt8(at) ^ 0x01, at);
        }
        return [oneWayMs];
      },
    });
    link.connect();
    // Signatures differ in length: this datagram may be shorter than the one that was measured.
    return link.isConnected && at < original.length && !isHeader(original, at);
  });
}

describe.each(roles)("the %s refuses a remote", (role) => {
  const remote = other(role);

  it("whose certificate is not the announced one", () => {
    const remoteFingerprints = fingerprintsOf(generateCertificate());
    expectRefusal(role, { [role]: { remoteFingerprints } }, "bad_certificate");
  });

  it("that shows the right certificate without having its key", () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const { certificate } = certificateOf(remote);
    const stolen = { certificate, privateKey };
    expectRefusal(role, { [remote]: { certificate: stolen } }, "decrypt_error");
  });

  it("whose announced certificate cannot be read", () => {
    const certificate = Buffer.from("not a certificate at all");
    const nonsense = { ...certificateOf(remote), certificate };
    expectRefusal(role, { [remote]: { certificate: nonsense } }, "bad_certificate");
  });
});

describe("the fingerprint of the remote", () => {
  const { certificate } = certificateOf("server");

  it.each(["sha-1", "sha-224", "sha-256", "sha-384", "sha-512"] as const)(
    "is compared by %s, in any case, with or without colons",
    (algorithm) => {
      const value = fingerprintOf(certificate, algorithm);
      const forms = [value, value.toLowerCase(), value.replaceAll(":", "")];
      for (const form of forms) {
        expect(announce([{ algorithm: algorithm.toUpperCase(), value: form }]).isConnected).toBe(
          true,
        );
      }
    },
  );

  it("is one of several of the strongest hash, and weaker ones do not count", () => {
    const another = generateCertificate().certificate;
    const right = printOf("sha-512", certificate);
    expect(announce([printOf("sha-512", another), right]).isConnected).toBe(true);
    expect(announce([printOf("sha-1", another), right]).isConnected).toBe(true);
    const weaker = announce([printOf("sha-512", another), printOf("sha-256", certificate)]);
    expect(weaker.client.alert).toBe("bad_certificate");
  });

  it("has to be there, in a form that is known", () => {
    const useless: readonly (readonly DtlsFingerprint[])[] = [
      [],
      [{ algorithm: "md5", value: "00:11" }],
      [{ algorithm: "sha-256", value: "00:11" }],
      [{ algorithm: "sha-256", value: "zz".repeat(32) }],
    ];
    for (const list of useless) {
      expect(() => announce(list)).toThrow(expect.objectContaining({ code: "invalid_argument" }));
    }
  });

  it("is what openssl and browsers show", () => {
    const hash = createHash("sha256").update(certificate).digest("hex").toUpperCase();
    expect(fingerprintOf(certificate, "sha-256").replaceAll(":", "")).toBe(hash);
    expect(fingerprintOf(certificate, "sha-256")).toBe(
      new X509Certificate(certificate).fingerprint256,
    );
  });
});

describe("a changed handshake", () => {
  it("is noticed: no byte of the ClientHello may differ", () => {
    expect(unnoticed("client", 0)).toEqual([]);
  });

  it("is noticed: no byte of the server's flight may differ", () => {
    expect(unnoticed("server", 0)).toEqual([]);
  });

  it("is noticed: no byte of the client's flight may differ", () => {
    expect(unnoticed("client", 1)).toEqual([]);
  });
});

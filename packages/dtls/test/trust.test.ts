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

  const announce = (remoteFingerprints: readonly DtlsFingerprint[]): Link => {
    const link = new Link({ client: { remoteFingerprints } });
    link.connect();
    return link;
  };

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
    const of = (algorithm: FingerprintAlgorithm, der: Uint8Array): DtlsFingerprint => ({
      algorithm,
      value: fingerprintOf(der, algorithm),
    });
    const another = generateCertificate().certificate;
    const right = of("sha-512", certificate);
    expect(announce([of("sha-512", another), right]).isConnected).toBe(true);
    expect(announce([of("sha-1", another), right]).isConnected).toBe(true);
    const weaker = announce([of("sha-512", another), of("sha-256", certificate)]);
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
  /** Where bytes of the first datagrams of each side are changed on the way, one at a time. */
  function changeEach(role: DtlsRole, index: number): void {
    const clean = connected();
    const { length } = clean.end(role).sent[index] ?? Buffer.alloc(0);
    expect(length).toBeGreaterThan(100);
    for (let at = 0; at < length; at += 1) {
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
      const { client, server } = link;
      const bothBelieve = client.state === "connected" && server.state === "connected";
      // Headers of records and pieces may change where it makes no difference; then the keys are the same.
      if (!bothBelieve) continue;
      const keys = [client, server].map(({ connection }) =>
        connection.exportKeyingMaterial("x", 8),
      );
      expect(keys[0]).toEqual(keys[1]);
      expect(at >= original.length || isHeader(original, at), `byte ${at}`).toBe(true);
    }
  }

  /** Whether this byte is in the header of a record: not covered by any signature. */
  function isHeader(datagram: Buffer, at: number): boolean {
    for (let start = 0; start < datagram.length;) {
      if (at < start + 13) return true;
      if (datagram[start] === 20) return at < start + 14;
      start += 13 + datagram.readUInt16BE(start + 11);
      if (at < start) return false;
    }
    return false;
  }

  it("is noticed: no byte of the ClientHello may differ", () => {
    changeEach("client", 0);
  });

  it("is noticed: no byte of the server's flight may differ", () => {
    changeEach("server", 0);
  });

  it("is noticed: no byte of the client's flight may differ", () => {
    changeEach("client", 1);
  });
});

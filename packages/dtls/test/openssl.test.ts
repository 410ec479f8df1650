import { afterAll, describe, expect, it } from "vitest";
import { failOnLeaks } from "@conic/internal-testing";
import { srtpProfiles, type DtlsOptions, type DtlsRole } from "../src/index.js";
import { certificateOf } from "./support/link.js";
import { load, OpensslEnd, OpensslFiles, type CertificateFiles } from "./support/openssl.js";
import { UdpEnd } from "./support/udp-end.js";

const folder = new OpensslFiles();
const ec = folder.make("ec");
const ec384 = folder.make("ec-384");
const rsa = folder.make("rsa");

afterAll(() => {
  folder[Symbol.dispose]();
});

const label = "EXTRACTOR-dtls_srtp";
const exportBytes = 60;
const common = ["-dtls1_2", "-keymatexport", label, "-keymatexportlen", `${exportBytes}`];

function ours(
  role: DtlsRole,
  { fingerprint }: CertificateFiles,
  own?: CertificateFiles,
): DtlsOptions {
  return {
    role,
    certificate: own === undefined ? certificateOf(role) : load(own),
    remoteFingerprints: [{ algorithm: "sha-256", value: fingerprint }],
    srtpProfiles: Object.values(srtpProfiles),
  };
}

/** Both are connected, have the same keys, and say something to each other. */
async function expectConversation({ end }: UdpEnd, openssl: OpensslEnd): Promise<void> {
  await expect.poll(() => end.state, { interval: 10 }).toBe("connected");
  const [, keys = ""] = await openssl.prints(/Keying material: ([0-9A-F]{120})/);
  expect(end.connection.exportKeyingMaterial(label, exportBytes).toString("hex")).toBe(
    keys.toLowerCase(),
  );
  end.send("from conic\n");
  await openssl.prints(/from conic/);
  openssl.write("from openssl");
  await expect.poll(() => end.received.join(""), { interval: 10 }).toBe("from openssl\n");
}

interface Variant {
  /** Of openssl. */
  readonly certificate?: CertificateFiles;
  readonly args?: readonly string[];
  readonly own?: CertificateFiles;
  /** Suite as client and as server of openssl. */
  readonly suites: readonly [string, string];
}

const ecdsa = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256";
const rsaSuite = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256";
const aes256 = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384";
const chacha = "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256";

const variants: Readonly<Record<string, Variant>> = {
  "AES-128 and a P-256 certificate": { suites: [ecdsa, ecdsa] },
  "AES-256": { args: ["-cipher", "ECDHE-ECDSA-AES256-GCM-SHA384"], suites: [aes256, aes256] },
  "ChaCha20-Poly1305": {
    args: ["-cipher", "ECDHE-ECDSA-CHACHA20-POLY1305"],
    suites: [chacha, chacha],
  },
  "P-256 for the key exchange": { args: ["-groups", "P-256"], suites: [ecdsa, ecdsa] },
  "P-384 for everything": {
    certificate: ec384,
    own: ec384,
    args: ["-groups", "P-384"],
    suites: [ecdsa, ecdsa],
  },
  "messages in many pieces": { args: ["-mtu", "256"], suites: [ecdsa, ecdsa] },
  "RSA with PKCS #1 signatures": {
    certificate: rsa,
    own: rsa,
    args: ["-sigalgs", "RSA+SHA512"],
    suites: [rsaSuite, rsaSuite],
  },
  "RSA with PSS signatures": {
    certificate: rsa,
    own: rsa,
    args: ["-sigalgs", "RSA-PSS+SHA256"],
    suites: [rsaSuite, rsaSuite],
  },
  "RSA, while ours is ECDSA": { certificate: rsa, suites: [rsaSuite, ecdsa] },
  "ECDSA, while ours is RSA": { own: rsa, suites: [ecdsa, rsaSuite] },
};
const cases = Object.entries(variants);

async function serve(files: CertificateFiles, args: readonly string[], configuration?: string) {
  const server = ["s_server", ...common, "-accept", "127.0.0.1:0", "-Verify", "1"];
  const own = ["-cert", files.certificate, "-key", files.key];
  const openssl = new OpensslEnd([...server, ...own, ...args], configuration);
  const [, port] = await openssl.prints(/ACCEPT 127\.0\.0\.1:(\d+)/);
  return { openssl, port: Number(port) };
}

function dial(
  port: number,
  files: CertificateFiles,
  args: readonly string[],
  configuration?: string,
): OpensslEnd {
  const client = ["s_client", ...common, "-connect", `127.0.0.1:${port}`];
  const own = ["-cert", files.certificate, "-key", files.key];
  return new OpensslEnd([...client, ...own, ...args], configuration);
}

describe("as the client of openssl s_server", () => {
  failOnLeaks(15_000);

  it.each(cases)("talks to one with %s", async (_, variant) => {
    const { certificate = ec, args = [], own, suites } = variant;
    const { openssl, port } = await serve(certificate, args);
    await using __ = openssl;
    await using client = await UdpEnd.open(ours("client", certificate, own), port);
    await expectConversation(client, openssl);
    expect(client.end.connection.cipherSuite).toBe(suites[0]);
  });

  it("talks to one that asks for a cookie first", async () => {
    const { openssl, port } = await serve(ec, ["-listen"]);
    await using _ = openssl;
    await using client = await UdpEnd.open(ours("client", ec), port);
    await expectConversation(client, openssl);
  });

  it("talks to one without the extended master secret", async () => {
    const { openssl, port } = await serve(ec, [], folder.withoutExtendedMasterSecret());
    await using _ = openssl;
    await using client = await UdpEnd.open(ours("client", ec), port);
    await expectConversation(client, openssl);
  });

  it("refuses to negotiate again, which openssl takes for the end", async () => {
    const { openssl, port } = await serve(ec, []);
    await using _ = openssl;
    await using client = await UdpEnd.open(ours("client", ec), port);
    await expectConversation(client, openssl);
    openssl.write("r");
    await openssl.prints(/no renegotiation/);
    await expect.poll(() => client.end.state, { interval: 10 }).toBe("failed");
    expect(client.end.error?.details).toEqual({ alert: "handshake_failure", by: "remote" });
  });

  it("agrees on a profile of SRTP", async () => {
    const { openssl, port } = await serve(ec, ["-use_srtp", "SRTP_AES128_CM_SHA1_80"]);
    await using _ = openssl;
    await using client = await UdpEnd.open(ours("client", ec), port);
    await expectConversation(client, openssl);
    expect(client.end.connection.srtpProfile).toBe(srtpProfiles.aes128CmSha1Tag80);
  });
});

describe("as the server of openssl s_client", () => {
  failOnLeaks(15_000);

  it.each(cases)("talks to one with %s", async (_, variant) => {
    const { certificate = ec, args = [], own, suites } = variant;
    await using server = await UdpEnd.open(ours("server", certificate, own));
    await using openssl = dial(server.port, certificate, args);
    await expectConversation(server, openssl);
    expect(server.end.connection.cipherSuite).toBe(suites[1]);
    expect(openssl.output).toContain("Extended master secret: yes");
    expect(openssl.output).toContain("Secure Renegotiation IS supported");
  });

  it("talks to one without the extended master secret", async () => {
    await using server = await UdpEnd.open(ours("server", ec));
    await using openssl = dial(server.port, ec, [], folder.withoutExtendedMasterSecret());
    await expectConversation(server, openssl);
    expect(openssl.output).toContain("Extended master secret: no");
  });

  it("agrees on a profile of SRTP", async () => {
    await using server = await UdpEnd.open(ours("server", ec));
    await using openssl = dial(server.port, ec, ["-use_srtp", "SRTP_AEAD_AES_128_GCM"]);
    await expectConversation(server, openssl);
    expect(server.end.connection.srtpProfile).toBe(srtpProfiles.aeadAes128Gcm);
  });

  it("sees it close", async () => {
    await using server = await UdpEnd.open(ours("server", ec));
    await using openssl = dial(server.port, ec, []);
    await expectConversation(server, openssl);
    openssl.write("Q");
    await expect.poll(() => server.end.states.at(-1), { interval: 10 }).toBe("closed");
    expect(server.end.error).toBe(undefined);
  });

  it("closes so that it sees it", async () => {
    await using server = await UdpEnd.open(ours("server", ec));
    await using openssl = dial(server.port, ec, []);
    await expectConversation(server, openssl);
    server.end.connection.close();
    const [line] = await openssl.prints(/closed/);
    expect(line).toBe("closed");
  });

  it("refuses to negotiate again, which openssl takes for the end", async () => {
    await using server = await UdpEnd.open(ours("server", ec));
    await using openssl = dial(server.port, ec, []);
    await expectConversation(server, openssl);
    openssl.write("R");
    await openssl.prints(/no renegotiation/);
    await expect.poll(() => server.end.state, { interval: 10 }).toBe("failed");
    expect(server.end.error?.details).toEqual({ alert: "handshake_failure", by: "remote" });
  });

  it("refuses one without a certificate", async () => {
    await using server = await UdpEnd.open(ours("server", ec));
    const client = ["s_client", ...common, "-connect", `127.0.0.1:${server.port}`];
    await using openssl = new OpensslEnd(client);
    await expect.poll(() => server.end.state, { interval: 10 }).toBe("failed");
    expect(server.end.alert).toBe("handshake_failure");
    await openssl.prints(/alert handshake failure/);
  });

  it("refuses one that knows only DTLS 1.0", async () => {
    await using server = await UdpEnd.open(ours("server", ec));
    const old = ["s_client", "-dtls1", "-cipher", "ALL@SECLEVEL=0"];
    await using openssl = new OpensslEnd([...old, "-connect", `127.0.0.1:${server.port}`]);
    await expect.poll(() => server.end.state, { interval: 10 }).toBe("failed");
    expect(server.end.alert).toBe("protocol_version");
    await openssl.prints(/alert protocol version/);
  });
});

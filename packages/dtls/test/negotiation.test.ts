import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { describe, expect, it } from "vitest";
import { generateCertificate, srtpProfiles } from "../src/index.js";
import {
  bitString,
  objectId,
  positiveInteger,
  sequence,
  set,
  time,
  utf8String,
} from "../src/certificate/der.js";
import { connected, End, Link, certificateOf, fingerprintsOf } from "./support/link.js";
import { fragment, message } from "./support/records.js";

const u16 = (...values: readonly number[]): Buffer =>
  Buffer.from(values.flatMap((value) => [value >> 8, value & 0xff]));
const v8 = (content: Uint8Array): Buffer => Buffer.concat([Buffer.of(content.length), content]);
const v16 = (content: Uint8Array): Buffer => Buffer.concat([u16(content.length), content]);
const extension = (type: number, content: Uint8Array): Buffer =>
  Buffer.concat([u16(type), v16(content)]);

interface Hello {
  readonly version?: number;
  readonly suites?: readonly number[];
  readonly compression?: readonly number[];
  readonly extensions?: readonly Buffer[] | undefined;
  readonly sessionId?: Uint8Array;
}

const groups = extension(10, v16(u16(0x001d, 0x0017)));
const schemes = extension(13, v16(u16(0x0403)));

function clientHello(hello: Hello = {}): Buffer {
  const extensions = "extensions" in hello ? hello.extensions : [groups, schemes];
  return Buffer.concat([
    u16(hello.version ?? 0xfefd),
    randomBytes(32),
    v8(hello.sessionId ?? Buffer.alloc(0)),
    v8(Buffer.alloc(0)),
    v16(u16(...(hello.suites ?? [0xc02b]))),
    v8(Buffer.from(hello.compression ?? [0])),
    ...(extensions === undefined ? [] : [v16(Buffer.concat(extensions))]),
  ]);
}

function newServer(): End {
  const options = {
    certificate: certificateOf("server"),
    remoteFingerprints: fingerprintsOf(certificateOf("client")),
  };
  const end = new End({ role: "server", ...options }, () => undefined);
  end.connection.start(0);
  return end;
}

function newClient(): End {
  const options = {
    certificate: certificateOf("client"),
    remoteFingerprints: fingerprintsOf(certificateOf("server")),
  };
  const end = new End({ role: "client", ...options }, () => undefined);
  end.connection.start(0);
  return end;
}

/** What a server says to this ClientHello: its flight, or the alert that it sends. */
function answerTo(hello: Hello): End {
  const server = newServer();
  server.connection.receive(message(1, 0, clientHello(hello)), 0);
  return server;
}

function sentAlert({ sent }: End): number | undefined {
  const last = sent.at(-1);
  return last?.[0] === 21 ? last.at(-1) : undefined;
}

describe("a server", () => {
  it("answers the first ClientHello with its flight: no cookie", () => {
    const server = answerTo({});
    expect(server.state).toBe("connecting");
    expect(server.sent.length).toBe(1);
    expect(server.sent[0]?.[13]).toBe(2);
  });

  it("takes a ClientHello in pieces, as one with post-quantum keys comes", () => {
    const large = extension(51, randomBytes(1_300));
    const body = clientHello({ extensions: [groups, schemes, large] });
    const server = newServer();
    for (const offset of [1_000, 500, 0]) {
      const piece = body.subarray(offset, offset + 500);
      expect(server.sent.length).toBe(0);
      const parts = { type: 1, sequence: 0, messageBytes: body.length, offset, body: piece };
      server.connection.receive(fragment(parts), 0);
    }
    expect(server.sent.length).toBe(1);
  });

  it.each([
    ["one that offers DTLS 1.3 first", extension(43, v8(u16(0xfefc, 0xfefd)))],
    ["one with extensions that nobody knows", extension(0xabcd, randomBytes(20))],
  ])("talks DTLS 1.2 with %s", (_, extra) => {
    const server = answerTo({ extensions: [groups, schemes, extra] });
    expect(server.sent[0]?.readUInt16BE(25)).toBe(0xfefd);
  });

  it.each<[string, Hello, number]>([
    ["knows only DTLS 1.0", { version: 0xfeff }, 70],
    ["speaks TLS", { version: 0x0303 }, 70],
    [
      "wants nothing but DTLS 1.3",
      { extensions: [groups, schemes, extension(43, v8(u16(0xfefc)))] },
      70,
    ],
    ["offers no suite that is known", { suites: [0x002f, 0x1301] }, 40],
    ["offers suites for another kind of certificate alone", { suites: [0xc02f] }, 40],
    [
      "offers no group that is known",
      { extensions: [extension(10, v16(u16(0x0100))), schemes] },
      40,
    ],
    [
      "accepts no signature that is known",
      { extensions: [groups, extension(13, v16(u16(0x0203)))] },
      40,
    ],
    ["says nothing of signatures", { extensions: undefined }, 40],
    ["insists on compression", { compression: [1] }, 47],
    ["says an extension twice", { extensions: [groups, schemes, groups] }, 47],
    [
      "knows no uncompressed points",
      { extensions: [groups, schemes, extension(11, v8(Buffer.of(1)))] },
      47,
    ],
    [
      "speaks of a former handshake",
      { extensions: [groups, schemes, extension(0xff01, v8(randomBytes(12)))] },
      40,
    ],
    ["has a session id that is too long", { sessionId: randomBytes(33) }, 50],
  ])("tells a client that %s why it is refused", (_, hello, alert) => {
    const server = answerTo(hello);
    expect(server.state).toBe("failed");
    expect(sentAlert(server)).toBe(alert);
  });

  it("takes P-256 where the client does not speak of groups", () => {
    const server = answerTo({ extensions: [schemes] });
    // ServerKeyExchange: a named curve and its number.
    expect(server.sent[0]?.includes(Buffer.from([3, 0, 0x17, 65, 4]))).toBe(true);
  });

  it("refuses a message out of turn", () => {
    const server = newServer();
    server.connection.receive(message(16, 0, Buffer.from([1, 2])), 0);
    expect(sentAlert(server)).toBe(10);
  });
});

describe("a client", () => {
  const serverHello = (suite: number, extensions: readonly Buffer[], version = 0xfefd): Buffer =>
    Buffer.concat([
      u16(version),
      randomBytes(32),
      v8(Buffer.alloc(0)),
      u16(suite),
      Buffer.of(0),
      v16(Buffer.concat(extensions)),
    ]);

  it("repeats its ClientHello with the cookie that it is asked for, and the same random", () => {
    const client = newClient();
    const cookie = randomBytes(20);
    const request = Buffer.concat([u16(0xfeff), v8(cookie)]);
    client.connection.receive(message(3, 0, request), 0);
    const [first, second] = client.sent;
    expect(second?.includes(cookie)).toBe(true);
    expect(second?.subarray(27, 59)).toEqual(first?.subarray(27, 59));
    // The next number of a message.
    expect(second?.readUInt16BE(17)).toBe(1);
  });

  it("does not collect cookies for ever", () => {
    const client = newClient();
    for (let n = 0; n < 10; n += 1) {
      const request = Buffer.concat([u16(0xfeff), v8(randomBytes(20))]);
      client.connection.receive(message(3, n, request), 0);
    }
    expect(client.state).toBe("failed");
    expect(sentAlert(client)).toBe(10);
    expect(client.sent.length).toBeLessThan(8);
  });

  it.each<[string, Buffer, number]>([
    ["another version", serverHello(0xc02b, [], 0xfeff), 70],
    ["a suite that was not offered", serverHello(0x1301, []), 47],
    ["an extension that was not offered", serverHello(0xc02b, [extension(14, v16(u16(1)))]), 110],
    ["less than it says", serverHello(0xc02b, []).subarray(0, 20), 50],
  ])("refuses a server that chooses %s", (_, hello, alert) => {
    const client = newClient();
    client.connection.receive(message(2, 0, hello), 0);
    expect(sentAlert(client)).toBe(alert);
  });
});

describe("SRTP", () => {
  const { aes128CmSha1Tag80, aeadAes128Gcm } = srtpProfiles;

  it("takes the profile that the server prefers of those that both know", () => {
    const link = connected({
      client: { srtpProfiles: [aes128CmSha1Tag80, aeadAes128Gcm] },
      server: { srtpProfiles: [aeadAes128Gcm, aes128CmSha1Tag80] },
    });
    expect(link.client.connection.srtpProfile).toBe(aeadAes128Gcm);
    expect(link.server.connection.srtpProfile).toBe(aeadAes128Gcm);
    const keys = [link.client, link.server].map(({ connection }) =>
      connection.exportKeyingMaterial("EXTRACTOR-dtls_srtp", 56).toString("hex"),
    );
    expect(keys[0]).toBe(keys[1]);
    expect(new Set(keys[0]).size).toBeGreaterThan(8);
  });

  it.each([
    ["the client", { server: { srtpProfiles: [aeadAes128Gcm] } }],
    ["the server", { client: { srtpProfiles: [aeadAes128Gcm] } }],
    ["what both know", { client: { srtpProfiles: [1] }, server: { srtpProfiles: [7] } }],
  ])("is left out where %s has none", (_, options) => {
    const link = connected(options);
    expect(link.client.connection.srtpProfile).toBe(undefined);
    expect(link.server.connection.srtpProfile).toBe(undefined);
  });
});

describe("certificates", () => {
  it("with RSA keys work on either side", () => {
    const pair = generateKeyPairSync("rsa", { modulusLength: 2_048 });
    const rsa = { certificate: selfSigned(pair), privateKey: pair.privateKey };
    for (const options of [{ client: { certificate: rsa } }, { server: { certificate: rsa } }]) {
      const link = new Link(options);
      link.connect();
      expect(link.isConnected).toBe(true);
    }
  });

  it("with weak RSA keys are refused", () => {
    const pair = generateKeyPairSync("rsa", { modulusLength: 1_024 });
    const rsa = { certificate: selfSigned(pair), privateKey: pair.privateKey };
    const link = new Link({ client: { certificate: rsa } });
    link.connect();
    expect(link.server.alert).toBe("insufficient_security");
  });

  it("with other keys are refused: of the remote by an alert, of our own at once", () => {
    const pair = generateKeyPairSync("ed25519");
    const ed25519 = { certificate: selfSigned(pair), privateKey: pair.privateKey };
    expect(() => new Link({ client: { certificate: ed25519 } })).toThrow(
      expect.objectContaining({ code: "invalid_argument" }),
    );
    const shown = { ...generateCertificate(), certificate: ed25519.certificate };
    const link = new Link({ client: { certificate: shown } });
    link.connect();
    expect(link.server.alert).toBe("unsupported_certificate");
  });
});

/** For keys that {@link generateCertificate} does not make. */
function selfSigned({ publicKey, privateKey }: ReturnType<typeof generateKeyPairSync>): Buffer {
  const isRsa = publicKey.asymmetricKeyType === "rsa";
  const algorithm = sequence(objectId(isRsa ? "2a864886f70d01010b" : "2b6570"));
  const name = sequence(set(sequence(objectId("550403"), utf8String("test"))));
  const content = sequence(
    positiveInteger(Buffer.of(1)),
    algorithm,
    name,
    sequence(time(0), time(4e12)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
  );
  return sequence(
    content,
    algorithm,
    bitString(sign(isRsa ? "sha256" : undefined, content, privateKey)),
  );
}

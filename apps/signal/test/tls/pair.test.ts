import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Certificate } from "../../src/tls/certificate.js";
import { loadPair, versionOf } from "../../src/tls/pair.js";
import { readTls } from "../../src/tls/options.js";
import { CertificateFolder, type MadeFiles } from "./support/certificates.js";
import { TestLog } from "./support/log.js";

let folder: CertificateFolder;
let good: MadeFiles;
let other: MadeFiles;
beforeAll(() => {
  folder = new CertificateFolder();
  good = folder.make("good");
  other = folder.make("other");
});
afterAll(() => {
  folder[Symbol.dispose]();
});

const dayMs = 86_400_000;

/** What the log says of a certificate of 90 days, after so many days. */
function judged(days: number): readonly string[] {
  const log = new TestLog();
  const now = (): number => Date.now() + days * dayMs;
  new Certificate(good, log.logger, now)[Symbol.dispose]();
  return log.entries.map(({ level, message }) => `${level}: ${message}`);
}

describe("--cert and --key", () => {
  it("go together", () => {
    expect(readTls({ cert: undefined, key: undefined })).toBeUndefined();
    expect(readTls({ cert: "c", key: "k" })).toEqual({ cert: "c", key: "k" });
    expect(() => readTls({ cert: "c", key: undefined })).toThrow("--cert needs --key");
    expect(() => readTls({ cert: undefined, key: "k" })).toThrow("--key needs --cert");
  });
});

describe("a certificate and its key", () => {
  it("are read", () => {
    const { cert, key, expiresAtMs, validFromMs } = loadPair(good);
    expect([cert, key]).toEqual([good.ca, readFileSync(good.key, "utf8")]);
    expect(Math.round((expiresAtMs - validFromMs) / dayMs)).toBe(90);
  });

  it.each([
    [
      "no certificate there",
      () => ({ ...good, cert: folder.file("none") }),
      /--cert: .*none: there is no such file/,
    ],
    [
      "no key there",
      () => ({ ...good, key: folder.file("none") }),
      /--key: .*none: there is no such file/,
    ],
    ["a folder", () => ({ ...good, key: folder.path }), /--key: .*: it is a folder/],
    [
      "a key for a certificate",
      () => ({ ...good, cert: good.key }),
      /--cert: .* holds no certificate in PEM/,
    ],
    [
      "a certificate for a key",
      () => ({ ...good, key: good.cert }),
      /--key: .* holds no private key in PEM/,
    ],
    [
      "an encrypted key",
      () => ({ ...good, key: folder.encrypt(good.key) }),
      /is encrypted: take the passphrase away/,
    ],
    [
      "the key of another",
      () => ({ ...good, key: other.key }),
      /is not the key of the first certificate/,
    ],
    [
      "a file that is far too large",
      () => ({ ...good, key: folder.write("big", "x".repeat(1_048_577)) }),
      /is no PEM file/,
    ],
  ])("are refused with exit code 2: %s", (_name, files, message) => {
    const load = (): unknown => loadPair(files());
    expect(load).toThrow(expect.objectContaining({ exitCode: 2 }) as Error);
    expect(load).toThrow(message);
  });

  it("have another version when one of them changes, and none while one is away", () => {
    const files = folder.make("versions");
    const before = versionOf(files);
    expect(versionOf(files)).toBe(before);
    folder.replace(files, folder.make("next"));
    expect(versionOf(files)).not.toBe(before);
    expect(versionOf({ ...files, cert: folder.file("none") })).toBe("");
  });
});

describe("the time that a certificate is good for", () => {
  it.each([
    [0, []],
    [75.9, []],
    [76.1, ["warn: the certificate expires soon: renew it"]],
    [89.9, ["warn: the certificate expires soon: renew it"]],
    [90.1, ["warn: the certificate has expired: clients refuse it; renew it"]],
    [-0.1, ["warn: the certificate is not valid yet: clients refuse it"]],
  ])("of 90 days, after %d: %j", (days, expected) => {
    expect(judged(days)).toEqual(expected);
  });
});

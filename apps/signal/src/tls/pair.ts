import { createPrivateKey, X509Certificate, type KeyObject } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { ExitError, exitCodes } from "@conic/internal-cli";
import type { TlsFiles } from "./options.js";

/** A certificate and its key, which belong together. */
export interface CertificatePair {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
  /** Milliseconds since the epoch. */
  readonly validFromMs: number;
  readonly expiresAtMs: number;
  readonly fingerprint: string;
}

/** What both ends of every connection speak at least; older versions are broken (RFC 8996). */
export const minVersion = "TLSv1.2";

/**
 * Those with forward secrecy and authenticated encryption (RFC 9325 section 4.2), and no others, which Node would speak
 * with RSA keys: what was recorded stays secret when the key is stolen later.
 */
export const ciphers: string = [
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
  "TLS_AES_128_GCM_SHA256",
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-CHACHA20-POLY1305",
].join(":");

const maxFileBytes = 1_048_576;

function wrong(message: string, cause?: unknown): ExitError {
  return new ExitError(exitCodes.usage, message, { cause });
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

function readPem(option: string, path: string): string {
  try {
    if (statSync(path).size > maxFileBytes) throw wrong(`${option}: ${path} is no PEM file`);
    return readFileSync(path, "utf8");
  } catch (error) {
    const reasons: Record<string, string> = {
      ENOENT: "there is no such file",
      EACCES: "this account may not read it",
      EISDIR: "it is a folder",
    };
    const reason = reasons[codeOf(error)];
    if (reason === undefined) throw error;
    throw wrong(`${option}: ${path}: ${reason}`);
  }
}

function readKey(path: string, pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (error) {
    const text = /ENCRYPTED/.test(pem)
      ? "is encrypted: take the passphrase away, such as with openssl pkey"
      : "holds no private key in PEM";
    throw wrong(`--key: ${path} ${text}`, error);
  }
}

function readCertificate(path: string, pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw wrong(`--cert: ${path} holds no certificate in PEM`, error);
  }
}

/**
 * Reads both files, and tries them: what TLS would not take is not returned.
 * @throws ExitError with code 2 and one line that says what is wrong.
 */
export function loadPair(files: TlsFiles): CertificatePair {
  const cert = readPem("--cert", files.cert);
  const key = readPem("--key", files.key);
  const certificate = readCertificate(files.cert, cert);
  if (!certificate.checkPrivateKey(readKey(files.key, key))) {
    throw wrong(
      `--key: ${files.key} is not the key of the first certificate in ${files.cert}; its own certificate comes first there`,
    );
  }
  try {
    createSecureContext({ cert, key, minVersion, ciphers });
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw wrong(`--cert: ${files.cert} cannot be used: ${text}`, error);
  }
  return {
    cert,
    key,
    validFromMs: Date.parse(certificate.validFrom),
    expiresAtMs: Date.parse(certificate.validTo),
    fingerprint: certificate.fingerprint256,
  };
}

/** Changes when one of the files does, or a link to it is turned. Empty when one is not there. */
export function versionOf(files: TlsFiles): string {
  try {
    const versions = [files.cert, files.key].map((path) => {
      const { mtimeMs, ctimeMs, size, ino } = statSync(path);
      return `${mtimeMs} ${ctimeMs} ${size} ${ino}`;
    });
    return versions.join(" ");
  } catch {
    return "";
  }
}

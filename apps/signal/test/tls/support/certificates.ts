import { spawnSync } from "node:child_process";
import { mkdtempSync, renameSync, rmSync, writeFileSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TlsFiles } from "../../../src/tls/options.js";

// What CI has, as every Debian; the tests fail where it is missing.
function openssl(args: readonly string[]): void {
  const { error, status, stderr } = spawnSync("openssl", args, { encoding: "utf8" });
  if (error !== undefined) throw new Error("these tests need openssl", { cause: error });
  if (status !== 0) throw new Error(`openssl ${args.join(" ")}: ${stderr}`);
}

export interface MadeFiles extends TlsFiles {
  /** PEM of the certificate, which is its own authority. */
  readonly ca: string;
}

/** A folder of certificates for localhost that goes when it is disposed. */
export class CertificateFolder implements Disposable {
  readonly path: string = mkdtempSync(path.join(tmpdir(), "conic-tls-"));

  /** A pair in files of this name. */
  make(name: string): MadeFiles {
    const cert = this.file(`${name}.pem`);
    const key = this.file(`${name}.key`);
    const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    const names = ["-subj", `/CN=${name}`, "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
    openssl(["req", "-x509", ...newKey, "-keyout", key, "-out", cert, ...names, "-days", "90"]);
    return { cert, key, ca: readFileSync(cert, "utf8") };
  }

  /** The key again, behind a passphrase. */
  encrypt(key: string): string {
    const out = this.file("encrypted.key");
    openssl(["pkey", "-in", key, "-aes256", "-passout", "pass:secret", "-out", out]);
    return out;
  }

  file(name: string): string {
    return path.join(this.path, name);
  }

  write(name: string, text: string): string {
    writeFileSync(this.file(name), text);
    return this.file(name);
  }

  /** What `from` has comes to be what `to` has, each file at once. */
  replace(to: TlsFiles, from: TlsFiles): void {
    renameSync(from.key, to.key);
    renameSync(from.cert, to.cert);
  }

  read(file: string): string {
    return readFileSync(file, "utf8");
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true });
  }
}

import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from "node:child_process";
import { createHash, createPrivateKey } from "node:crypto";
import { EventEmitter, once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { DtlsCertificate } from "../../src/index.js";

/** Certificates in files, as openssl makes and wants them. */
export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
  /** Hex of SHA-256. */
  readonly fingerprint: string;
}

const newKey = {
  ec: ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
  "ec-384": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp384r1"],
  rsa: ["-newkey", "rsa:2048"],
} as const;

export type KeyKind = keyof typeof newKey;

// What CI has, as every Debian; the tests fail where it is missing.
const program = "openssl";

function run(args: readonly string[]): string {
  const result = spawnSync(program, args, { encoding: "utf8" });
  if (result.error !== undefined) {
    throw new Error(
      "these tests talk to openssl: install it, such as with `apt-get install openssl`",
      {
        cause: result.error,
      },
    );
  }
  if (result.status !== 0) throw new Error(`openssl ${args.join(" ")}: ${result.stderr}`);
  return result.stdout;
}

function derOf(certificate: string): Buffer {
  const pem = readFileSync(certificate, "latin1");
  return Buffer.from(pem.replaceAll(/-----[^-]+-----/g, ""), "base64");
}

/** The same certificate for our side. */
export function load({ certificate, key }: CertificateFiles): DtlsCertificate {
  const privateKey = createPrivateKey(readFileSync(key));
  return { certificate: derOf(certificate), privateKey };
}

/** A folder of certificates that goes when it is disposed. */
export class OpensslFiles implements Disposable {
  readonly #folder = mkdtempSync(path.join(tmpdir(), "conic-dtls-"));

  make(kind: KeyKind): CertificateFiles {
    const key = path.join(this.#folder, `${kind}.key`);
    const certificate = path.join(this.#folder, `${kind}.pem`);
    const subject = ["-nodes", "-days", "30", "-subj", "/CN=test"];
    run(["req", "-x509", ...newKey[kind], ...subject, "-keyout", key, "-out", certificate]);
    const fingerprint = createHash("sha256").update(derOf(certificate)).digest("hex");
    return { certificate, key, fingerprint };
  }

  /** A configuration under which openssl knows no extended master secret. */
  withoutExtendedMasterSecret(): string {
    const file = path.join(this.#folder, "openssl.cnf");
    const lines = ["openssl_conf = all", "[all]", "ssl_conf = ssl", "[ssl]"];
    const defaults = ["system_default = defaults", "[defaults]", "Options = -ExtendedMasterSecret"];
    writeFileSync(file, [...lines, ...defaults, ""].join("\n"));
    return file;
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true });
  }
}

/** `openssl s_client` or `s_server`, and what it has printed so far. */
export class OpensslEnd implements AsyncDisposable {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #printed = new EventEmitter();
  output = "";

  constructor(args: readonly string[], configuration?: string) {
    const env = configuration === undefined ? {} : { OPENSSL_CONF: configuration };
    this.#process = spawn(program, args, { env: { ...process.env, ...env } });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        this.output += chunk.toString("latin1");
        this.#printed.emit("output");
      });
    }
    // It may be gone when the test writes.
    this.#process.stdin.on("error", () => undefined);
  }

  /** Waits until it has printed this; returns the match. */
  async prints(pattern: RegExp): Promise<RegExpExecArray> {
    const deadline = AbortSignal.timeout(10_000);
    for (;;) {
      const match = pattern.exec(this.output);
      if (match !== null) return match;
      await once(this.#printed, "output", { signal: deadline }).catch((error: unknown) => {
        throw new Error(`openssl did not print ${String(pattern)}: ${this.output}`, {
          cause: error,
        });
      });
    }
  }

  write(line: string): void {
    this.#process.stdin.write(`${line}\n`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exited = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await exited;
  }
}

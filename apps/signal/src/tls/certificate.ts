import type { Server as HttpsServer } from "node:https";
import type { Logger } from "@conic/domain";
import type { TlsFiles } from "./options.js";
import { ciphers, loadPair, minVersion, versionOf, type CertificatePair } from "./pair.js";
import { FileWatch } from "./watch.js";

const dayMs = 86_400_000;
/** Certificates are renewed weeks before they end; whoever has less left has forgotten it. */
const warnBeforeMs = 14 * dayMs;

/** What TLS servers are made with, and given again. */
export interface SecureOptions {
  readonly cert: string;
  readonly key: string;
  readonly minVersion: typeof minVersion;
  readonly ciphers: string;
}

/**
 * The certificate of servers, as it is in its files at the moment. New handshakes get a new one as soon as it is
 * there; connections live on with the one that they began with. A new one that cannot be used changes nothing.
 */
export class Certificate implements Disposable {
  readonly #files: TlsFiles;
  readonly #logger: Logger;
  readonly #now: () => number;
  readonly #servers: HttpsServer[] = [];
  readonly #watch: FileWatch;
  #pair: CertificatePair;
  /** Of what was read last, whether it could be used or not. */
  #version: string;

  /** @throws ExitError with code 2 when it cannot be used. */
  constructor(files: TlsFiles, logger: Logger, now: () => number = Date.now) {
    this.#files = files;
    this.#logger = logger;
    this.#now = now;
    this.#version = versionOf(files);
    this.#pair = loadPair(files);
    this.#judge();
    this.#watch = new FileWatch([files.cert, files.key], () => {
      this.#check();
    });
  }

  get options(): SecureOptions {
    const { cert, key } = this.#pair;
    return { cert, key, minVersion, ciphers };
  }

  /** From now on, this server has the certificate of the moment. */
  serve(server: HttpsServer): void {
    this.#servers.push(server);
  }

  /** Reads the files, whether they seem to have changed or not. */
  reload(): void {
    this.#version = versionOf(this.#files);
    try {
      const pair = loadPair(this.#files);
      const isNew = pair.fingerprint !== this.#pair.fingerprint || pair.cert !== this.#pair.cert;
      this.#pair = pair;
      for (const server of this.#servers) server.setSecureContext(this.options);
      const expires = new Date(pair.expiresAtMs).toISOString();
      if (isNew) this.#logger.info({ expires }, "the certificate was replaced");
      else this.#logger.info({ expires }, "the certificate was read again");
      this.#judge();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#logger.error(
        { reason: message },
        "the new certificate cannot be used; the older stays",
      );
    }
    this.#watch.refresh();
  }

  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]();
  }

  #check(): void {
    const version = versionOf(this.#files);
    // One that is away is about to be replaced.
    if (version === "" || version === this.#version) this.#watch.refresh();
    else this.reload();
  }

  #judge(): void {
    const { validFromMs, expiresAtMs } = this.#pair;
    const leftMs = expiresAtMs - this.#now();
    const expires = new Date(expiresAtMs).toISOString();
    if (leftMs <= 0) {
      this.#logger.warn({ expires }, "the certificate has expired: clients refuse it; renew it");
    } else if (leftMs < warnBeforeMs) {
      const days = Math.floor(leftMs / dayMs);
      this.#logger.warn({ expires, days }, "the certificate expires soon: renew it");
    } else if (validFromMs > this.#now()) {
      const from = new Date(validFromMs).toISOString();
      this.#logger.warn({ from }, "the certificate is not valid yet: clients refuse it");
    }
  }
}

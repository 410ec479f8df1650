import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { connect as connectTls } from "node:tls";
import { fileURLToPath } from "node:url";
import { silentLogger } from "@conic/domain";
import { failOnLeaks } from "@conic/internal-testing";
import { createSignalingServer } from "@conic/server";
import { describe, expect, it } from "vitest";
import { createHttpServer } from "../../src/http.js";
import { listen, stopListening } from "../../src/listen.js";
import { Certificate } from "../../src/tls/certificate.js";
import type { TlsFiles } from "../../src/tls/options.js";

failOnLeaks();

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../../../../packages/transport/test/fixtures/${name}`, import.meta.url));
const files: TlsFiles = { cert: fixture("cert.pem"), key: fixture("key.pem") };

async function serve(tls: TlsFiles | undefined): Promise<{ port: number } & AsyncDisposable> {
  const signaling = createSignalingServer();
  const certificate = tls && new Certificate(tls, silentLogger);
  const http = createHttpServer({ path: "/ws", stats: () => signaling.stats(), certificate });
  signaling.attach(http);
  const port = await listen([http], ["127.0.0.1"], { host: "127.0.0.1", port: 0 });
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      certificate?.[Symbol.dispose]();
      await signaling.close();
      await stopListening(http);
    },
  };
}

interface TemporaryFolder extends Disposable {
  file(name: string): string;
  /** A pair with an RSA key. */
  rsa(): TlsFiles;
}

function temporaryFolder(): TemporaryFolder {
  const folder = mkdtempSync(path.join(tmpdir(), "conic-threats-"));
  const file = (name: string): string => path.join(folder, name);
  return {
    file,
    rsa: () => {
      const pair = { cert: file("rsa.pem"), key: file("rsa.key") };
      const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
      const made = ["-newkey", "rsa:2048", "-nodes", "-keyout", pair.key, "-out", pair.cert];
      const { status, stderr } = spawnSync("openssl", ["req", "-x509", ...made, ...names]);
      if (status !== 0) throw new Error(`these tests need openssl: ${String(stderr)}`);
      return pair;
    },
    [Symbol.dispose]: () => {
      rmSync(folder, { recursive: true });
    },
  };
}

/** What openssl says of a handshake, and of a request over it. */
async function client(port: number, ...options: readonly string[]): Promise<string> {
  const args = ["s_client", "-connect", `127.0.0.1:${port}`, "-CAfile", files.cert, ...options];
  const child = spawn("openssl", [...args, "-ign_eof"]);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString("latin1");
    });
  }
  child.stdin.on("error", () => undefined);
  child.stdin.end("GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  await once(child, "close");
  return output;
}

const upgrade = [
  "GET /ws HTTP/1.1",
  "Host: h",
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
];

/** A WebSocket, as far as it must be one to be accepted. */
async function accepted(port: number, tls: boolean): Promise<Socket> {
  const ca = readFileSync(files.cert);
  const socket = tls
    ? connectTls({ port, host: "localhost", ca })
    : connect({ port, host: "localhost" });
  socket.write(`${upgrade.join("\r\n")}\r\n\r\n`);
  const [head] = (await once(socket, "data")) as [Buffer];
  expect(head.toString("latin1")).toMatch(/^HTTP\/1.1 101 /);
  return socket;
}

/** So that it is the server, and not the client, that refuses. */
const anyCipher = ["-cipher", "ALL:@SECLEVEL=0"];

describe("S17 TLS", () => {
  it.each([
    ["1.0", ["-tls1", ...anyCipher]],
    ["1.1", ["-tls1_1", ...anyCipher]],
  ])("%s is refused", async (_version, options) => {
    await using server = await serve(files);
    const output = await client(server.port, ...options);
    expect(output).toContain("alert protocol version");
    expect(output).not.toContain("HTTP/1.1 200");
  });

  it.each([
    ["1.2", "-tls1_2"],
    ["1.3", "-tls1_3"],
  ])("%s is spoken, with forward secrecy and without compression", async (version, option) => {
    await using server = await serve(files);
    const output = await client(server.port, option);
    expect(output).toContain("HTTP/1.1 200");
    expect(output).toContain(`TLSv${version}, Cipher is`);
    expect(output).toMatch(/Cipher is (?:ECDHE-|TLS_)/);
    expect(output).toContain("Compression: NONE");
    expect(output).toContain("Verify return code: 0 (ok)");
  });

  it.each([
    ["without encryption", "NULL"],
    ["without a certificate", "aNULL"],
    ["without forward secrecy", "AES128-SHA:AES256-SHA256:AES128-GCM-SHA256:AES256-GCM-SHA384"],
    ["without authenticated encryption", "ECDHE-RSA-AES128-SHA:ECDHE-RSA-AES256-SHA384"],
    ["of 64-bit blocks, or RC4", "3DES:DES:RC4:IDEA"],
  ])("a cipher %s is refused, also with an RSA key", async (_what, cipher) => {
    using folder = temporaryFolder();
    for (const pair of [files, folder.rsa()]) {
      await using server = await serve(pair);
      const output = await client(server.port, "-tls1_2", "-cipher", `${cipher}:@SECLEVEL=0`);
      // Of some, not even openssl knows any more.
      expect(output).toMatch(/alert handshake failure|no cipher match/);
      expect(output).not.toContain("HTTP/1.1 200");
    }
  });

  it("an RSA key is good for what is left", async () => {
    using folder = temporaryFolder();
    await using server = await serve(folder.rsa());
    expect(await client(server.port, "-tls1_2")).toContain("Cipher is ECDHE-RSA-");
    expect(await client(server.port, "-tls1_3")).toContain("HTTP/1.1 200");
  });

  it.each([
    ["1.2", "-tls1_2"],
    ["1.3", "-tls1_3"],
  ])("%s sessions are resumed", async (_version, option) => {
    using folder = temporaryFolder();
    await using server = await serve(files);
    const session = folder.file("session.pem");
    expect(await client(server.port, option, "-sess_out", session)).toContain("\nNew, ");
    const again = await client(server.port, option, "-sess_in", session);
    expect(again).toContain("\nReused, ");
    expect(again).toContain("HTTP/1.1 200");
  });

  it("costs something: how many connections are accepted, compared with plain ones", async ({
    annotate,
  }) => {
    const rates: number[] = [];
    for (const tls of [undefined, files]) {
      await using server = await serve(tls);
      const from = performance.now();
      const opening = Array.from({ length: 200 }, () => accepted(server.port, tls !== undefined));
      const sockets = await Promise.all(opening);
      rates.push(200 / ((performance.now() - from) / 1000));
      for (const socket of sockets) socket.destroy();
    }
    const [plain = NaN, secure = NaN] = rates;
    await annotate(
      `${plain.toFixed(0)} a second without, ${secure.toFixed(0)} with TLS (${((secure / plain) * 100).toFixed(0)} %), clients in the same process`,
    );
    expect(rates.every((rate) => rate > 0)).toBe(true);
  });
});

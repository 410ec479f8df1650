import { once } from "node:events";
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { connect as connectTcp } from "node:net";
import { connect, type ConnectionOptions, type TLSSocket } from "node:tls";
import { failOnLeaks } from "@conic/internal-testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startApp, type SignalApp } from "../../src/app.js";
import { readCommand } from "../../src/options.js";
import type { TlsFiles } from "../../src/tls/options.js";
import { CertificateFolder } from "./support/certificates.js";
import { TestLog } from "./support/log.js";

let folder: CertificateFolder;
beforeAll(() => {
  folder = new CertificateFolder();
});
afterAll(() => {
  folder[Symbol.dispose]();
});
failOnLeaks();

interface Running extends AsyncDisposable {
  readonly app: SignalApp;
  readonly log: TestLog;
  readonly port: number;
}

async function run({ cert, key }: TlsFiles, ...flags: readonly string[]): Promise<Running> {
  const argv = ["--host=127.0.0.1", "--port=0", `--cert=${cert}`, `--key=${key}`, ...flags];
  const command = readCommand(argv, {});
  if (command.kind !== "serve") throw new Error(command.kind);
  const log = new TestLog();
  const app = await startApp(command.options, log.logger);
  return {
    app,
    log,
    port: Number(new URL(app.url).port),
    [Symbol.asyncDispose]: () => app.close(),
  };
}

/** A TLS connection, open, or the code of the error. */
async function dial(port: number, options: ConnectionOptions): Promise<TLSSocket> {
  const socket = connect({ host: "127.0.0.1", servername: "localhost", port, ...options });
  await once(socket, "secureConnect");
  return socket;
}

async function answer(socket: TLSSocket, request: string): Promise<string> {
  socket.write(request);
  const [data] = (await once(socket, "data")) as [Buffer];
  return data.toString("latin1");
}

const upgrade =
  "GET /ws HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";

/** A text frame of a client, masked with zeros. */
function frame(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from([0x81, 0x80 | bytes.length, 0, 0, 0, 0]), bytes]);
}

async function end(...sockets: readonly TLSSocket[]): Promise<void> {
  for (const socket of sockets) {
    socket.on("error", () => undefined);
    if (!socket.destroyed) {
      socket.destroy();
      await once(socket, "close");
    }
  }
}

describe("a server with a certificate", () => {
  it("serves wss and https, and says so", async () => {
    const files = folder.make("plain");
    await using server = await run(files);
    expect(server.app.url).toBe(`wss://127.0.0.1:${server.port}/ws`);
    const { fields } = await server.log.next("listening");
    expect(fields).toEqual({
      url: server.app.url,
      demo: `https://127.0.0.1:${server.port}/demo/`,
    });
    const socket = await dial(server.port, { ca: files.ca });
    expect(await answer(socket, "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n")).toMatch(/ 200 OK/);
    const client = await dial(server.port, { ca: files.ca });
    expect(await answer(client, upgrade)).toMatch(/ 101 /);
    await end(socket, client);
  });

  it("speaks TLS 1.2 and 1.3, and nothing older", async () => {
    const files = folder.make("versions");
    await using server = await run(files);
    for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
      const options = { ca: files.ca, minVersion: version, maxVersion: version };
      const socket = await dial(server.port, options);
      expect(socket.getProtocol()).toBe(version);
      await end(socket);
    }
    const old = { ca: files.ca, minVersion: "TLSv1", maxVersion: "TLSv1.1" } as const;
    // Else openssl itself would refuse, before it asks.
    const dialing = dial(server.port, { ...old, ciphers: "DEFAULT@SECLEVEL=0" });
    await expect(dialing).rejects.toMatchObject({ code: "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION" });
  });

  it.each(["TLSv1.2", "TLSv1.3"] as const)("resumes sessions of %s", async (version) => {
    const files = folder.make("sessions");
    await using server = await run(files);
    const options = { ca: files.ca, minVersion: version, maxVersion: version };
    const first = connect({
      host: "127.0.0.1",
      servername: "localhost",
      port: server.port,
      ...options,
    });
    const [session] = (await once(first, "session")) as [Buffer];
    const again = await dial(server.port, { ...options, session });
    expect(again.isSessionReused()).toBe(true);
    await end(first, again);
  });

  it("cuts off whoever does not begin the handshake", async () => {
    await using server = await run(folder.make("silent"), "--handshake-timeout-ms=50");
    const socket = connectTcp(server.port, "127.0.0.1");
    socket.on("error", () => undefined);
    await once(socket, "close");
    expect(socket.bytesRead).toBe(0);
  });

  it("does not start with one that cannot be used", async () => {
    const { cert } = folder.make("alone");
    const { key } = folder.make("stranger");
    await expect(run({ cert, key })).rejects.toMatchObject({ exitCode: 2 });
  });
});

describe("a certificate that changes", () => {
  it("by new files is used for new connections, while old ones live on", async () => {
    const files = folder.make("renewed");
    await using server = await run(files);
    const old = await dial(server.port, { ca: files.ca });
    expect(await answer(old, upgrade)).toMatch(/ 101 /);
    const next = folder.make("renewed-next");
    folder.replace(files, next);
    await server.log.next("the certificate was replaced");
    const young = await dial(server.port, { ca: next.ca });
    expect(young.getPeerCertificate().subject.CN).toBe("renewed-next");
    expect(await answer(young, upgrade)).toMatch(/ 101 /);
    await expect(dial(server.port, { ca: files.ca })).rejects.toThrow("self-signed");
    old.write(frame('{"type":"register"}'));
    const [data] = (await once(old, "data")) as [Buffer];
    expect(data.toString("latin1")).toContain("register_response");
    await end(old, young);
  });

  it("by a link that is turned, as Kubernetes does, is seen", async () => {
    for (const version of ["v1", "v2"]) {
      const { cert, key } = folder.make(`linked-${version}`);
      mkdirSync(folder.file(`mount/..${version}`), { recursive: true });
      renameSync(cert, folder.file(`mount/..${version}/tls.crt`));
      renameSync(key, folder.file(`mount/..${version}/tls.key`));
    }
    symlinkSync("..v1", folder.file("mount/..data"));
    for (const name of ["tls.crt", "tls.key"])
      symlinkSync(`..data/${name}`, folder.file(`mount/${name}`));
    await using server = await run({
      cert: folder.file("mount/tls.crt"),
      key: folder.file("mount/tls.key"),
    });
    symlinkSync("..v2", folder.file("mount/..data_tmp"));
    renameSync(folder.file("mount/..data_tmp"), folder.file("mount/..data"));
    await server.log.next("the certificate was replaced");
    const socket = await dial(server.port, { rejectUnauthorized: false });
    expect(socket.getPeerCertificate().subject.CN).toBe("linked-v2");
    await end(socket);
  });

  it("in another folder, behind links as certbot's, is seen", async () => {
    const [one, two] = ["archive-1", "archive-2"].map((name) => folder.make(name));
    if (one === undefined || two === undefined) throw new Error("two were made");
    mkdirSync(folder.file("live"));
    const live = { cert: folder.file("live/fullchain.pem"), key: folder.file("live/privkey.pem") };
    symlinkSync(one.cert, live.cert);
    symlinkSync(one.key, live.key);
    await using server = await run(live);
    // Written in place: nothing happens in the folder of the links.
    writeFileSync(one.key, folder.read(two.key));
    writeFileSync(one.cert, two.ca);
    await server.log.next("the certificate was replaced");
    symlinkSync(folder.make("archive-3").key, `${live.key}.new`);
    symlinkSync(folder.file("archive-3.pem"), `${live.cert}.new`);
    renameSync(`${live.key}.new`, live.key);
    renameSync(`${live.cert}.new`, live.cert);
    await server.log.next("the certificate was replaced");
    const socket = await dial(server.port, { rejectUnauthorized: false });
    expect(socket.getPeerCertificate().subject.CN).toBe("archive-3");
    await end(socket);
  });

  it("to one that cannot be used is logged, and the older one stays, until it is right", async () => {
    const files = folder.make("broken");
    await using server = await run(files);
    const next = folder.make("broken-next");
    writeFileSync(files.cert, "half of it");
    const { level, fields } = await server.log.next("cannot be used");
    expect([level, fields["reason"]]).toEqual(["error", expect.stringContaining("no certificate")]);
    const socket = await dial(server.port, { ca: files.ca });
    expect(socket.getPeerCertificate().subject.CN).toBe("broken");
    folder.replace(files, next);
    await server.log.next("the certificate was replaced");
    const later = await dial(server.port, { ca: next.ca });
    expect(later.getPeerCertificate().subject.CN).toBe("broken-next");
    await end(socket, later);
  });

  it("is read again when asked to, as on SIGHUP", async () => {
    await using server = await run(folder.make("asked"));
    server.app.reload();
    expect((await server.log.next("the certificate was read again")).level).toBe("info");
  });
});

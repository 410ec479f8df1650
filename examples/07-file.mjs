// A file of any size over a data channel, at the pace of the network: both ends are streams.
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { connect } from "@conic/client";
import { createSignalingServer } from "@conic/server";

const http = createServer().listen(0, "localhost");
const signaling = createSignalingServer();
signaling.attach(http);
await once(http, "listening");
const { port } = /** @type {import("node:net").AddressInfo} */ (http.address());
const alice = await connect(`ws://localhost:${port}/ws`, { id: "alice" });
const bob = await connect(`ws://localhost:${port}/ws`, { id: "bob" });

const folder = await mkdtemp(path.join(tmpdir(), "conic-file-"));
const sent = path.join(folder, "sent.bin");
const received = path.join(folder, "received.bin");
await writeFile(sent, randomBytes(4_000_000));

async function receive() {
  for await (const call of bob.incoming()) {
    for await (const channel of call.accept().dataChannels()) {
      await pipeline(Readable.fromWeb(channel.readable), createWriteStream(received));
      return;
    }
  }
}
const receiving = receive();

const peer = await alice.call("bob", { signal: AbortSignal.timeout(30_000) });
const channel = peer.createDataChannel("file");
// Resolves when bob has acknowledged all of it.
await pipeline(createReadStream(sent), Writable.fromWeb(channel.writable));
await receiving;

/** @param {string} file */
const digest = async (file) =>
  createHash("sha256")
    .update(await readFile(file))
    .digest("hex");
console.log((await digest(sent)) === (await digest(received)) ? "the same" : "damaged");

await Promise.all([alice.close(), bob.close()]);
await rm(folder, { recursive: true });
await signaling.close();
http.close();

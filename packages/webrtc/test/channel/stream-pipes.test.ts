import { failOnLeaks } from "@conic/internal-testing";
import { ConicError } from "@conic/domain";
import { createHash, randomBytes } from "node:crypto";
import { createReadStream, createWriteStream, openAsBlob } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DataChannel, DataChannelMessage } from "../../src/index.js";
import { createPeers, openChannel } from "../peers.js";
import { UdpPath } from "../udp-path.js";

const fileBytes = 20_000_000;
const highWaterMarkBytes = 262_144;
const messageBytes = 65_536;
const channelLimits = {
  highWaterMarkBytes,
  lowWaterMarkBytes: 65_536,
  closeTimeoutMs: 30_000,
};

let folder: string;
let source: string;
let sourceHash: string;

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "conic-streams-"));
  source = path.join(folder, "source");
  const bytes = randomBytes(fileBytes);
  sourceHash = sha256(bytes);
  await writeFile(source, bytes);
});

afterAll(() => rm(folder, { recursive: true }));

/** The most that the channel held at any time until `done`. */
async function mostHeld(channel: DataChannel, done: Promise<unknown>): Promise<number> {
  let most = 0;
  const timer = setInterval(() => {
    most = Math.max(most, channel.bufferedAmount);
  }, 1);
  try {
    await done;
  } finally {
    clearInterval(timer);
  }
  return most;
}

/** As Node takes it at the end of a pipeline, which its types do not know. */
function sink({ writable }: DataChannel): NodeJS.WritableStream {
  return writable as unknown as NodeJS.WritableStream;
}

type Pipe = (channel: DataChannel, file: string) => Promise<unknown>;

const senders: Readonly<Record<string, Pipe>> = {
  "blob.stream().pipeTo": async ({ writable }, file) =>
    (await openAsBlob(file)).stream().pipeTo(writable),
  "pipeline(createReadStream, …)": (channel, file) =>
    pipeline(createReadStream(file), sink(channel)),
  "pipeline(createReadStream, Writable.fromWeb)": ({ writable }, file) =>
    pipeline(createReadStream(file), Writable.fromWeb(writable)),
};

const receivers: Readonly<Record<string, Pipe>> = {
  "readable.pipeTo(Writable.toWeb)": ({ readable }, file) =>
    readable.pipeTo(Writable.toWeb(createWriteStream(file)) as WritableStream<DataChannelMessage>),
  "pipeline(Readable.fromWeb, createWriteStream)": ({ readable }, file) =>
    pipeline(Readable.fromWeb(readable), createWriteStream(file)),
  "pipeline(readable, …)": ({ readable }, file) => pipeline(readable, createWriteStream(file)),
};

describe("a file of 20 MB over a data channel", () => {
  failOnLeaks();

  it.each([
    ["blob.stream().pipeTo", "readable.pipeTo(Writable.toWeb)"],
    ["pipeline(createReadStream, …)", "pipeline(Readable.fromWeb, createWriteStream)"],
    ["pipeline(createReadStream, Writable.fromWeb)", "pipeline(readable, …)"],
  ])(
    "from %s to %s arrives intact, and no more than the high-water mark and a chunk is held",
    async (from, to) => {
      await using peers = createPeers({ a: { channelLimits } });
      const [near, far] = await openChannel(peers);
      const target = path.join(folder, "target");
      const receiving = receivers[to]?.(far, target);
      const sending = Promise.resolve(senders[from]?.(near, source));
      expect(await mostHeld(near, sending)).toBeLessThanOrEqual(highWaterMarkBytes + messageBytes);
      await receiving;
      expect(sha256(await readFile(target))).toBe(sourceHash);
      expect(await near.closed).toMatchObject({ wasClean: true });
      expect(await far.closed).toMatchObject({ wasClean: true });
    },
  );
});

/** Never ends, and counts what was taken from it. */
class Endless {
  taken = 0;
  cancelledWith: unknown;
  readonly stream: ReadableStream<Uint8Array> = new ReadableStream({
    pull: (controller) => {
      this.taken += messageBytes;
      controller.enqueue(new Uint8Array(messageBytes));
    },
    cancel: (reason) => {
      this.cancelledWith = reason;
    },
  });
}

/** Reads until `bytes` have come. */
async function readSome(reader: ReadableStreamDefaultReader, bytes: number): Promise<void> {
  for (let read = 0; read < bytes;) {
    const { value } = (await reader.read()) as { value?: Uint8Array };
    read += value?.byteLength ?? bytes;
  }
}

describe("a pipe into a data channel that does not come to its end", () => {
  failOnLeaks();

  it("ends its source when the reader cancels", async () => {
    await using peers = createPeers({ a: { channelLimits } });
    const [near, far] = await openChannel(peers);
    const endless = new Endless();
    const piping = endless.stream.pipeTo(near.writable);
    const reader = far.readable.getReader();
    const read = readSome(reader, 1_000_000).then(() => reader.cancel());
    await expect(piping).rejects.toMatchObject({ code: "closed" });
    await read;
    expect(endless.cancelledWith).toMatchObject({ code: "closed" });
    expect((await far.closed).wasClean).toBe(true);
  });

  it("ends for the reader, behind what had arrived, when it is aborted", async () => {
    await using peers = createPeers({ a: { channelLimits } });
    const [near, far] = await openChannel(peers);
    const abort = new AbortController();
    const endless = new Endless();
    const piping = endless.stream.pipeTo(near.writable, { signal: abort.signal });
    const reader = far.readable.getReader();
    await readSome(reader, 1_000_000);
    const reason = new ConicError("aborted", "the user changed their mind");
    abort.abort(reason);
    await expect(piping).rejects.toBe(reason);
    expect((await near.closed).error).toBe(reason);
    expect(endless.cancelledWith).toBe(reason);
    // The remote cannot tell an abort from a close.
    await readSome(reader, Infinity);
    expect(await far.closed).toMatchObject({ wasClean: true });
  });

  it("ends like that as well for node:stream, when the file cannot be read on", async () => {
    await using peers = createPeers({ a: { channelLimits } });
    const [near, far] = await openChannel(peers);
    const failing = Readable.from(
      (async function* () {
        yield new Uint8Array(500_000);
        await Promise.resolve();
        throw new Error("the disk was pulled out");
      })(),
    );
    const reader = far.readable.getReader();
    const reading = readSome(reader, Infinity);
    await expect(pipeline(failing, sink(near))).rejects.toThrow("the disk was pulled out");
    expect((await near.closed).error).toMatchObject({ code: "aborted" });
    await reading;
  });

  it("fails on both sides when the remote vanishes, and holds no more than it should", async () => {
    await using udp = await UdpPath.create();
    const limits = { disconnectedTimeoutMs: 2_000, failedTimeoutMs: 4_000 };
    const end = { hostAddresses: ["127.0.0.1"], channelLimits, ...limits };
    await using peers = createPeers({ a: end, b: end, rewrite: udp.rewrite });
    const [near, far] = await openChannel(peers);
    const endless = new Endless();
    const piping = endless.stream.pipeTo(near.writable);
    const failed = piping.catch((error: unknown) => error);
    const reader = far.readable.getReader();
    await readSome(reader, 500_000);
    udp.filter = () => false;
    expect(await mostHeld(near, failed)).toBeLessThanOrEqual(highWaterMarkBytes + messageBytes);
    expect(await failed).toMatchObject({ code: "connection_failed" });
    expect(endless.cancelledWith).toMatchObject({ code: "connection_failed" });
    await expect(readSome(reader, Infinity)).rejects.toMatchObject({ code: "connection_failed" });
  });
});

import { failOnLeaks } from "@conic/internal-testing";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { opcodes, RawClient, rawFrame } from "../support/raw-client.js";
import { serve } from "../support/server.js";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;
const MiB = 1_048_576;

function held(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const fragment = rawFrame(opcodes.continuation, "x", { fin: false });
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("S7 messages in the smallest pieces", () => {
  failOnLeaks();

  it("4 Mi fragments of one byte: closed with 1008 at the 65th, and nothing of the rest is kept", async ({
    annotate,
  }) => {
    await using server = await serve({ limits: { closeTimeoutMs: 20_000 } });
    const client = await RawClient.upgraded(server.port);
    const connection = await server.accepted();
    const chunk = Buffer.concat(Array.from({ length: 16_384 }, () => fragment));
    client.write(rawFrame(opcodes.text, "x", { fin: false }));
    // What the first ones bring with them, such as compiled code, is not theirs.
    for (let sent = 0; sent < 16; sent += 1) await client.segment(chunk);
    const before = held();
    let highest = 0;
    for (let sent = 16; sent < 256; sent += 1) {
      await client.segment(chunk);
      if (sent % 16 === 0) highest = Math.max(highest, held() - before);
    }
    expect(await client.closeCode()).toBe(1008);
    await annotate(`28 MiB of frames, ${(highest / MiB).toFixed(1)} MiB of memory at most`);
    expect(highest).toBeLessThan(8 * MiB);
    client.destroy();
    expect((await connection.closed).error?.code).toBe("too_large");
  });

  it("a frame in segments of one byte: closed with 1008 when 1,024 of them wait", async () => {
    await using server = await serve();
    const client = await RawClient.upgraded(server.port);
    const connection = await server.accepted();
    const frame = rawFrame(opcodes.text, "x".repeat(60_000));
    for (const byte of frame) {
      if (connection.readyState !== "open") break;
      client.write(Buffer.of(byte));
      await turn();
    }
    expect(await client.closeCode()).toBe(1008);
    client.socket.end();
    expect((await connection.closed).error?.code).toBe("too_large");
    await client.ended;
  });

  it("500 clients that begin a message and never end it hold a few KiB each", async ({
    annotate,
  }) => {
    await using server = await serve();
    const count = 500;
    const clients: RawClient[] = [];
    for (let i = 0; i < count; i += 1) clients.push(await RawClient.upgraded(server.port));
    await expect.poll(() => server.acceptor.connectionCount).toBe(count);
    const before = held();
    const begun = Buffer.concat([
      rawFrame(opcodes.text, "x", { fin: false }),
      ...Array.from({ length: 62 }, () => fragment),
    ]);
    for (const client of clients) await client.segment(begun);
    await turn();
    const each = (held() - before) / count / 1024;
    await annotate(`${Math.max(0, each).toFixed(1)} KiB for each`);
    expect(each).toBeLessThan(32);
    for (const client of clients) client.destroy();
    await expect.poll(() => server.acceptor.connectionCount).toBe(0);
  });
});

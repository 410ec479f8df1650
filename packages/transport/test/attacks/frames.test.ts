import { collect, collectAll, failOnLeaks } from "@conic/internal-testing";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { closePayload, opcodes, RawClient, rawFrame } from "../support/raw-client.js";
import { serve, type TestServer } from "../support/server.js";

const { text, binary, continuation, close, ping, pong } = opcodes;

/** What a client sends, and what the server must close with. */
const attacks: readonly (readonly [
  name: string,
  bytes: Uint8Array,
  code: number,
  error: string,
])[] = [
  ["a binary frame", rawFrame(binary, "x"), 1003, "unsupported_data"],
  ["invalid UTF-8", rawFrame(text, Buffer.from([0xc3, 0x28])), 1007, "invalid_message"],
  [
    "invalid UTF-8 over two fragments",
    Buffer.concat([
      rawFrame(text, Buffer.from([0xe2, 0x82]), { fin: false }),
      rawFrame(continuation, Buffer.from([0x28])),
    ]),
    1007,
    "invalid_message",
  ],
  [
    "a surrogate in UTF-8",
    rawFrame(text, Buffer.from([0xed, 0xa0, 0x80])),
    1007,
    "invalid_message",
  ],
  [
    "a header that claims 2^62 bytes",
    rawFrame(text, "", { claimedBytes: 2n ** 62n }),
    1009,
    "too_large",
  ],
  [
    "a header one byte above the limit",
    rawFrame(text, "", { claimedBytes: 1025n }),
    1009,
    "too_large",
  ],
  [
    "fragments that together are above the limit",
    Buffer.concat([
      rawFrame(text, "x".repeat(1000), { fin: false }),
      rawFrame(continuation, "x".repeat(25)),
    ]),
    1009,
    "too_large",
  ],
  ["an unmasked frame", rawFrame(text, "x", { mask: false }), 1002, "invalid_message"],
  ["a reserved bit", rawFrame(text, "x", { rsv: 4 }), 1002, "invalid_message"],
  ["an unknown opcode", rawFrame(3, "x"), 1002, "invalid_message"],
  ["an unknown control opcode", rawFrame(11, ""), 1002, "invalid_message"],
  ["a continuation of nothing", rawFrame(continuation, "x"), 1002, "invalid_message"],
  [
    "a message inside a message",
    Buffer.concat([rawFrame(text, "a", { fin: false }), rawFrame(text, "b")]),
    1002,
    "invalid_message",
  ],
  ["a ping of 126 bytes", rawFrame(ping, "x".repeat(126)), 1002, "invalid_message"],
  ["a fragmented pong", rawFrame(pong, "x", { fin: false }), 1002, "invalid_message"],
  ["a close of one byte", rawFrame(close, "x"), 1002, "invalid_message"],
  ["a close code that is never sent", rawFrame(close, closePayload(1006)), 1002, "invalid_message"],
  [
    "a close reason that is no UTF-8",
    rawFrame(close, Buffer.concat([closePayload(1000), Buffer.from([0xff])])),
    1007,
    "invalid_message",
  ],
];

function fragmented(fragments: number): Buffer {
  return Buffer.concat([
    rawFrame(text, "x", { fin: false }),
    ...Array.from({ length: fragments - 2 }, () => rawFrame(continuation, "x", { fin: false })),
    rawFrame(continuation, "x"),
  ]);
}

describe("S7 S11 frames that break RFC 6455 or the limits", () => {
  let server: TestServer;
  failOnLeaks();
  beforeAll(async () => {
    server = await serve({ limits: { maxFrameBytes: 1024, closeTimeoutMs: 10_000 } });
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
  });

  it.each(attacks)("%s", async (_name, bytes, code, error) => {
    const client = await RawClient.upgraded(server.port);
    const connection = await server.accepted();
    const reading = collectAll(connection);
    client.write(rawFrame(text, "before"));
    client.write(Buffer.concat([bytes, rawFrame(text, "after")]));
    expect(await client.closeCode()).toBe(code);
    client.write(rawFrame(close, closePayload(code)));
    client.socket.end();
    const info = await connection.closed;
    expect(info).toMatchObject({ code, wasClean: false });
    expect(info.error?.code).toBe(error);
    expect((await reading).map((frame) => frame.text)).toEqual(["before"]);
    await client.ended;
  });

  it("reads the same frames byte by byte, each in its own segment", async () => {
    const client = await RawClient.upgraded(server.port);
    const connection = await server.accepted();
    const bytes = Buffer.concat([
      rawFrame(text, "short"),
      rawFrame(text, "frag", { fin: false }),
      rawFrame(ping, "in between"),
      rawFrame(continuation, "mented €"),
      rawFrame(text, "y".repeat(200)),
      rawFrame(text, ""),
    ]);
    const reading = collect(connection, 4);
    for (const byte of bytes) await client.segment(Buffer.of(byte));
    expect((await reading).map((frame) => frame.text)).toEqual([
      "short",
      "fragmented €",
      "y".repeat(200),
      "",
    ]);
    await client.until((received) => received.includes("in between"));
    client.destroy();
    expect((await connection.closed).wasClean).toBe(false);
  });

  it("takes a message of the largest size, whole and in fragments", async () => {
    const client = await RawClient.upgraded(server.port);
    const connection = await server.accepted();
    client.write(rawFrame(text, "z".repeat(1024)));
    client.write(rawFrame(text, "z".repeat(1000), { fin: false }));
    client.write(rawFrame(continuation, "z".repeat(24)));
    const received = await collect(connection, 2);
    expect(received.map((frame) => frame.byteLength)).toEqual([1024, 1024]);
    client.destroy();
    await connection.closed;
  });

  it("takes a message of 64 fragments and refuses one of 65 with 1008", async () => {
    const client = await RawClient.upgraded(server.port);
    const connection = await server.accepted();
    client.write(fragmented(64));
    expect((await collect(connection, 1))[0]?.byteLength).toBe(64);
    client.write(fragmented(65));
    expect(await client.closeCode()).toBe(1008);
    client.socket.end();
    expect((await connection.closed).error?.code).toBe("too_large");
    await client.ended;
  });

  it("closes on a flood of empty fragments, which no size limit counts", async () => {
    const client = await RawClient.upgraded(server.port);
    const connection = await server.accepted();
    const flood = Buffer.concat(
      Array.from({ length: 5000 }, () => rawFrame(continuation, "", { fin: false })),
    );
    client.write(rawFrame(text, "", { fin: false }));
    client.write(flood);
    expect(await client.closeCode()).toBe(1008);
    client.destroy();
    await connection.closed;
  });

  it("answers a flood of pings from a client that reads, and stays open", async () => {
    const client = await RawClient.upgraded(server.port);
    const connection = await server.accepted();
    for (let round = 0; round < 20; round += 1) {
      client.write(Buffer.concat(Array.from({ length: 50 }, () => rawFrame(ping, "p"))));
      await client.until((received) => received.length >= (round + 1) * 50 * 3);
    }
    expect(connection.readyState).toBe("open");
    client.destroy();
    await connection.closed;
  });

  it("survives a reset in the middle of a frame", async () => {
    const client = await RawClient.upgraded(server.port);
    const connection = await server.accepted();
    client.write(rawFrame(text, "whole"));
    const received = collectAll(connection);
    await client.segment(rawFrame(text, "cut off").subarray(0, 8));
    client.socket.resetAndDestroy();
    await once(client.socket, "close");
    const info = await connection.closed;
    expect(info).toMatchObject({ code: 1006, wasClean: false });
    expect(info.error?.code).toBe("closed");
    expect((await received).length).toBeLessThanOrEqual(1);
  });

  it("survives an end of the stream in the middle of a frame", async () => {
    const client = await RawClient.upgraded(server.port);
    const connection = await server.accepted();
    const received = collectAll(connection);
    client.write(rawFrame(text, "whole"));
    client.socket.end(rawFrame(text, "cut off").subarray(0, 8));
    expect(await connection.closed).toMatchObject({ code: 1006, wasClean: false });
    expect((await received).map((frame) => frame.text)).toEqual(["whole"]);
    await client.ended;
  });
});

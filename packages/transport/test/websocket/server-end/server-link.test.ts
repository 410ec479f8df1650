import { Duplex } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { Frame } from "@conic/domain";
import { describe, expect, it } from "vitest";
import type { LinkEvents } from "../../../src/connection/link.js";
import { resolveLimits } from "../../../src/limits.js";
import { opcodes as served } from "../../../src/websocket/server-end/frame-bytes.js";
import { ServerLink } from "../../../src/websocket/server-end/server-link.js";
import { WriteBatch } from "../../../src/websocket/write-batch.js";
import { opcodes, rawFrame } from "../../support/raw-client.js";

/** The server's socket, whose client keeps what it is sent, or reads nothing. */
class FakeSocket extends Duplex {
  readonly writes: Buffer[] = [];
  reads = true;

  override _read(): void {
    // What comes is pushed.
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.writes.push(Buffer.from(chunk));
    if (this.reads) done();
  }
}

const noEvents: LinkEvents = {
  onOpen: () => undefined,
  onFrame: () => undefined,
  onTraffic: () => undefined,
  onDrain: () => undefined,
  onClosing: () => undefined,
  onViolation: () => undefined,
  onFailure: () => undefined,
  onEnd: () => undefined,
};

function linkOn(stream: Duplex, batch: WriteBatch): ServerLink {
  const options = { limits: resolveLimits(), batch };
  const link = new ServerLink({ stream, protocol: "", remoteAddress: "192.0.2.1" }, options);
  link.start(noEvents);
  return link;
}

describe("the server's end of a WebSocket", () => {
  it.each([1, 63, 64, 65, 1000])(
    "%i of them write in one turn, each its frames, once",
    async (count) => {
      const batch = new WriteBatch();
      const sockets = Array.from({ length: count }, () => new FakeSocket());
      const links = sockets.map((socket) => linkOn(socket, batch));
      for (const text of ["first", "other"]) {
        const frame = Frame.fromText(text);
        for (const link of links) link.write(frame);
      }
      await turn();
      const expected = `\u0081\u0005first\u0081\u0005other`;
      const written = sockets.map(({ writes }) => Buffer.concat(writes).toString("latin1"));
      expect(written).toEqual(Array.from({ length: count }, () => expected));
      expect(links.every(({ bufferedAmount }) => bufferedAmount === 0)).toBe(true);
    },
  );

  it("writes what was sent before it closes, and nothing behind that", () => {
    const socket = new FakeSocket();
    const link = linkOn(socket, new WriteBatch());
    link.write(Frame.fromText("last"));
    link.close(1000, "");
    link.write(Frame.fromText("late"));
    link.flush();
    const text = Buffer.concat(socket.writes).toString("latin1");
    expect(text).toBe("\u0081\u0004last\u0088\u0002\u0003\u00e8");
  });

  it("answers pings, and no more of them to a client that does not read", async () => {
    const socket = new FakeSocket();
    const link = linkOn(socket, new WriteBatch());
    const ping = rawFrame(opcodes.ping, "?");
    socket.push(Buffer.from(ping));
    await turn();
    expect(socket.writes).toEqual([Buffer.from([0x80 | served.pong, 1, 0x3f])]);
    socket.reads = false;
    for (let count = 0; count < 100; count += 1) {
      socket.push(Buffer.concat(Array.from({ length: 1000 }, () => ping)));
      await turn();
    }
    expect(link.bufferedAmount).toBeLessThan(20_000);
    expect(link.bufferedAmount).toBeGreaterThan(10_000);
  });
});

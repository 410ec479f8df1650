import { failOnLeaks } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import type { DatagramPath } from "../../../src/engine/werift/ice/path.js";
import { createIceEnds, negotiate, openPath } from "../../own-ice.js";

async function joined(): Promise<{ a: DatagramPath; b: DatagramPath } & AsyncDisposable> {
  const ends = createIceEnds();
  await negotiate(ends);
  const [a, b] = ends.map((end) => openPath(end.transport()));
  if (a === undefined || b === undefined) throw new Error("two ends have two paths");
  await expect.poll(() => a.canSend && b.canSend, { interval: 1 }).toBe(true);
  return { a, b, [Symbol.asyncDispose]: ends[Symbol.asyncDispose] };
}

/** First byte of what is neither STUN nor DTLS, so that nobody else reacts to it. */
const media = 0x80;

describe("the datagram path of a connection", () => {
  failOnLeaks();

  it("carries datagrams, whole or in parts, in order and at once", async () => {
    await using ends = await joined();
    const got: string[] = [];
    ends.b.onDatagram((datagram) => got.push(datagram.toString("latin1", 1)));
    for (let index = 0; index < 50; index += 1) {
      ends.a.send([Buffer.from([media]), Buffer.from(`number `), Buffer.from(String(index))]);
      ends.a.send(Buffer.concat([Buffer.from([media]), Buffer.from(`whole ${index}`)]));
    }
    await expect.poll(() => got.filter((text) => /^(whole|number) /.test(text)).length).toBe(100);
    expect(got.filter((text) => /^(whole|number) /.test(text))).toEqual(
      Array.from({ length: 50 }, (_, index) => [`number ${index}`, `whole ${index}`]).flat(),
    );
  });

  it("tells where it leads, how long that takes and that it stays on this machine", async () => {
    await using ends = await joined();
    const { a, b } = ends;
    expect(a.remoteAddress).toEqual(b.localAddress);
    expect(b.remoteAddress).toEqual(a.localAddress);
    expect(a.localAddress?.address).toBe("127.0.0.1");
    expect(a.isLocalMachine).toBe(true);
    expect(a.rttMs).toBeGreaterThan(0);
    expect(a.rttMs).toBeLessThan(1000);
  });

  it("hands what a listener throws to the fault listener, and goes on", async () => {
    await using ends = await joined();
    const { a, b } = ends;
    const faults: unknown[] = [];
    const got: number[] = [];
    b.onFault((error) => faults.push(error));
    b.onDatagram((datagram) => {
      if (datagram[0] !== media) return;
      got.push(datagram.length);
      throw new Error("boom");
    });
    a.send(Buffer.alloc(10, media));
    a.send(Buffer.alloc(11, media));
    await expect.poll(() => got).toEqual([10, 11]);
    expect(faults).toHaveLength(2);
  });

  it("loses what is too large for a datagram, and never throws", async () => {
    await using ends = await joined();
    const got: number[] = [];
    ends.b.onDatagram((datagram) => {
      if (datagram[0] === media) got.push(datagram.length);
    });
    ends.a.send(Buffer.alloc(70_000, media));
    ends.a.send(Buffer.alloc(65_000, media));
    await expect.poll(() => got).toEqual([65_000]);
  });

  it("sends nothing once the connection is closed", async () => {
    const ends = await joined();
    await ends[Symbol.asyncDispose]();
    expect(ends.a.canSend).toBe(false);
    ends.a.send(Buffer.alloc(10, media));
    expect(ends.a.remoteAddress).toBeUndefined();
  });
});

import { failOnLeaks } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import { openPath } from "../../src/engine/werift/ice/path.js";
import { createBarePeers, type BarePeers } from "../bare.js";

async function pathsOf(peers: BarePeers) {
  const [iceA] = peers.a.iceTransports;
  if (iceA === undefined) throw new Error("no transport");
  const a = openPath(iceA);
  await peers.negotiate();
  await expect.poll(() => peers.opened()).toBe(true);
  const [iceB] = peers.b.iceTransports;
  if (iceB === undefined) throw new Error("no transport");
  return { a, b: openPath(iceB), iceA, iceB };
}

describe("the datagram path of a connection", () => {
  failOnLeaks();

  it("carries datagrams, whole or in parts, in order and at once", async () => {
    await using peers = createBarePeers();
    const { a, b } = await pathsOf(peers);
    const got: string[] = [];
    b.onDatagram((datagram) => got.push(datagram.toString("latin1", 1)));
    for (let index = 0; index < 50; index += 1) {
      a.send([Buffer.from([23]), Buffer.from(`number `), Buffer.from(String(index))]);
      a.send(Buffer.from(`\x17whole ${index}`));
    }
    await expect.poll(() => got.length).toBe(100);
    expect(got[0]).toBe("number 0");
    expect(got).toEqual(
      Array.from({ length: 50 }, (_, index) => [`number ${index}`, `whole ${index}`]).flat(),
    );
  });

  it("tells where it leads, how long that takes and that it stays on this machine", async () => {
    await using peers = createBarePeers();
    const { a, b } = await pathsOf(peers);
    expect(a.canSend).toBe(true);
    expect(a.remoteAddress).toEqual(b.localAddress);
    expect(b.remoteAddress).toEqual(a.localAddress);
    expect(a.isLocalMachine).toBe(true);
    expect(a.rttMs).toBeGreaterThan(0);
    expect(a.rttMs).toBeLessThan(1000);
  });

  it("counts what it carries", async () => {
    await using peers = createBarePeers();
    const { a, b, iceA, iceB } = await pathsOf(peers);
    const sent = iceA.connection.nominated?.bytesSent ?? 0;
    const received = iceB.connection.nominated?.bytesReceived ?? 0;
    let got = 0;
    b.onDatagram(() => (got += 1));
    a.send(Buffer.alloc(100, 23));
    a.send([Buffer.alloc(100, 23), Buffer.alloc(100, 23)]);
    await expect.poll(() => got).toBe(2);
    expect(iceA.connection.nominated?.bytesSent).toBe(sent + 300);
    expect(iceB.connection.nominated?.bytesReceived).toBe(received + 300);
  });

  it("hands what a listener throws to the fault listener, and goes on", async () => {
    await using peers = createBarePeers();
    const { a, b } = await pathsOf(peers);
    const faults: unknown[] = [];
    let got = 0;
    b.onFault((error) => faults.push(error));
    b.onDatagram(() => {
      got += 1;
      throw new Error("boom");
    });
    a.send(Buffer.alloc(10, 23));
    a.send(Buffer.alloc(10, 23));
    await expect.poll(() => got).toBe(2);
    expect(faults).toHaveLength(2);
  });

  it("sends nothing once the remote's consent is gone, and never throws", async () => {
    await using peers = createBarePeers();
    const { a, b, iceA } = await pathsOf(peers);
    let got = 0;
    b.onDatagram(() => (got += 1));
    Reflect.set(iceA.connection, "consentFresh", false);
    expect(a.canSend).toBe(false);
    a.send(Buffer.alloc(10, 23));
    Reflect.set(iceA.connection, "consentFresh", true);
    a.send(Buffer.alloc(10, 23));
    await expect.poll(() => got).toBe(1);
    a.send(Buffer.alloc(70_000, 23));
  });
});

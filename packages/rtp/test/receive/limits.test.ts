import { describe, expect, it } from "vitest";
import { PacketBuffer, type BufferedPacket } from "../../src/receive/stream/packet-buffer.js";
import { MissingPackets } from "../../src/receive/stream/missing-packets.js";
import { parseRtp } from "../../src/packet/parse.js";
import { receiverOf, videoSender } from "../link/call.js";
import { Solo, vp8Packet } from "../link/solo.js";

function packetOf(bytes: number): BufferedPacket {
  const packet = parseRtp(vp8Packet({ sequenceNumber: 1, timestamp: 1 }));
  if (packet === undefined) throw new Error("not RTP");
  return { packet, bytes, arrivedAt: 0, vp8: undefined };
}

describe("the packets that wait for others", () => {
  it("are as many as the limit, and not one more", () => {
    const buffer = new PacketBuffer(10, { maxPackets: 1_024 });
    expect(buffer.fits(10 + 1_023, 100)).toBe(true);
    expect(buffer.fits(10 + 1_024, 100)).toBe(false);
    buffer.add(10 + 1_023, packetOf(100));
    buffer.advance(11);
    expect(buffer.fits(10 + 1_024, 100)).toBe(true);
    expect(buffer.get(10 + 1_023)).toBeDefined();
    expect(buffer.get(10 + 1_024)).toBeUndefined();
  });

  it("hold as many bytes as the limit, and not one more", () => {
    const buffer = new PacketBuffer(0, { maxBytes: 1_000 });
    buffer.add(1, packetOf(600));
    expect(buffer.fits(2, 400)).toBe(true);
    expect(buffer.fits(2, 401)).toBe(false);
    buffer.advance(2);
    expect(buffer.bytes).toBe(0);
  });

  it("are forgotten with a jump, however far", () => {
    const buffer = new PacketBuffer(-5);
    for (let at = -5; at < 100; at += 1) buffer.add(at, packetOf(10));
    buffer.advance(1_000_000_000);
    expect(buffer.bytes).toBe(0);
    expect(buffer.get(1_000_000_000)).toBeUndefined();
  });

  it("go on without what is missing when they are too many", () => {
    const solo = new Solo();
    const reorder = { maxPackets: 1_024 };
    const { chunks } = receiverOf(solo.session, videoSender, { maxWaitMs: 60_000, reorder });
    const send = (n: number, key: boolean): void => {
      const init = { sequenceNumber: n, timestamp: 3_000 * n, pictureId: n & 0x7fff, key };
      solo.session.receive(vp8Packet(init), solo.now);
    };
    send(1, true);
    // The packet after the gap is number 3: with 1,024 waiting from number 2 on, the last is 1,025.
    for (let n = 3; n <= 1_025; n += 1) send(n, n % 100 === 0);
    expect(chunks).toHaveLength(1);
    send(1_026, false);
    expect(chunks[1]).toMatchObject({ type: "key", lostBefore: 98 });
    expect(chunks).toHaveLength(1 + 1_027 - 100);
  });

  it("go on without what is missing when they take too many bytes", () => {
    const solo = new Solo();
    const size = vp8Packet({ sequenceNumber: 1, timestamp: 1, pictureId: 1 }).length;
    const reorder = { maxBytes: 10 * size };
    const { chunks } = receiverOf(solo.session, videoSender, { maxWaitMs: 60_000, reorder });
    const send = (n: number): void => {
      const init = { sequenceNumber: n, timestamp: 3_000 * n, pictureId: n, key: true };
      solo.session.receive(vp8Packet(init), solo.now);
    };
    send(1);
    for (let n = 3; n <= 12; n += 1) send(n);
    expect(chunks).toHaveLength(1);
    send(13);
    expect(chunks.map(({ lostBefore }) => lostBefore)).toEqual([
      0,
      1,
      ...Array.from({ length: 10 }, () => 0),
    ]);
  });

  it("do not grow with a frame that never ends", () => {
    const solo = new Solo();
    const reorder = { maxPackets: 1_024 };
    const { chunks, receiver } = receiverOf(solo.session, videoSender, { reorder });
    const send = (n: number, timestamp: number, start: boolean, marker: boolean): void => {
      const init = { sequenceNumber: n, timestamp, pictureId: 5, key: true, start, marker };
      solo.session.receive(vp8Packet(init), solo.now);
    };
    send(1, 5, true, false);
    for (let n = 2; n <= 3_000; n += 1) send(n, 5, false, false);
    solo.now += 1_000;
    send(3_001, 9_000, true, true);
    expect(chunks).toHaveLength(1);
    expect(receiver.stats().packetsReceived).toBe(3_001);
  });
});

describe("the packets that are missing", () => {
  it("are given up in order, and only while they are missing", () => {
    const missing = new MissingPackets();
    missing.add(5, true, 0);
    missing.add(6, true, 10);
    missing.prepend(2, 4, true, 20);
    expect([missing.first, missing.size]).toEqual([2, 4]);
    expect(missing.expiresAt(100, 30)).toBe(120);
    expect(missing.arrived(2)).toMatchObject({ asks: 0 });
    expect(missing.arrived(2)).toBeUndefined();
    missing.dropBefore(6);
    expect([missing.first, missing.size]).toEqual([6, 1]);
    expect(missing.expiresAt(100, 30)).toBe(110);
    missing.dropBefore(7);
    expect([missing.first, missing.expiresAt(100, 30), missing.nextAskAt]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});

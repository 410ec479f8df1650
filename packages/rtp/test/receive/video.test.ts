import { describe, expect, it } from "vitest";
import type { RtpReceiverConfig } from "../../src/receive/config.js";
import { writeRtp } from "../../src/packet/write.js";
import { receiverOf, videoSender, type Received } from "../link/call.js";
import { Solo, vp8Packet, type Vp8PacketInit } from "../link/solo.js";

interface Watching extends Received {
  readonly solo: Solo;
  /** Packet n of one frame each, unless told otherwise: 3,000 ticks a frame. */
  readonly packet: (n: number, change?: Partial<Vp8PacketInit>) => void;
}

function watching(change: Partial<RtpReceiverConfig> = {}): Watching {
  const solo = new Solo();
  const received = receiverOf(solo.session, videoSender, change);
  const packet = (n: number, init: Partial<Vp8PacketInit> = {}): void => {
    const all = { sequenceNumber: n, timestamp: 3_000 * n, pictureId: n & 0x7fff, ...init };
    solo.session.receive(vp8Packet({ body: [n & 0xff], ...all }), solo.now);
  };
  return { solo, ...received, packet };
}

/** Numbers of the frames that came; those after a gap with what is missing. */
function came({ chunks }: Received): (number | string)[] {
  return chunks.map(({ data, lostBefore }) =>
    lostBefore === 0 ? (data[1] ?? -1) : `${data[1] ?? -1} after ${lostBefore}`,
  );
}

describe("a receiver of video", () => {
  it("joins the packets of a frame, and gives it with the last of them", () => {
    const call = watching();
    call.packet(1, { key: true, marker: false, timestamp: 50, body: [1, 2] });
    call.solo.now = 7;
    call.packet(2, { start: false, marker: true, timestamp: 50, body: [3], key: true });
    const [chunk] = call.chunks;
    expect(chunk).toMatchObject({ type: "key", timestamp: 0, rtpTimestamp: 50, receivedAtMs: 7 });
    // The byte that begins the payload of the second packet is part of the frame.
    expect([...(chunk?.data ?? [])]).toEqual([0, 1, 2, 0, 3]);
  });

  it("tells the end of a frame without a marker by the next timestamp", () => {
    const call = watching();
    call.packet(1, { key: true, marker: false });
    expect(call.chunks).toHaveLength(0);
    call.packet(2, { marker: false });
    expect(came(call)).toEqual([1]);
  });

  it("drops duplicates", () => {
    const call = watching();
    for (const n of [1, 1, 2, 1, 2]) call.packet(n, { key: n === 1 });
    expect(came(call)).toEqual([1, 2]);
    expect(call.receiver.stats()).toMatchObject({ packetsReceived: 2, duplicates: 3 });
  });

  it("asks for what is missing at once, and again each round trip", () => {
    const call = watching();
    call.solo.session.setRoundTripTime(50);
    call.packet(1, { key: true });
    call.packet(4);
    expect(call.solo.of("nack").map(({ sequenceNumbers }) => sequenceNumbers)).toEqual([[2, 3]]);
    call.solo.runTo(40);
    call.packet(2);
    call.solo.runTo(120);
    expect(call.solo.of("nack").map(({ sequenceNumbers }) => sequenceNumbers)).toEqual([
      [2, 3],
      [3],
      [3],
    ]);
    call.packet(3);
    call.solo.runTo(1_000);
    expect(call.solo.of("nack")).toHaveLength(3);
    expect(came(call)).toEqual([1, 2, 3, 4]);
    expect(call.receiver.stats()).toMatchObject({
      packetsRepaired: 2,
      nackCount: 3,
      packetsLost: 0,
    });
  });

  it("asks at most ten times for a packet, and no more often than each 20 ms", () => {
    const call = watching();
    call.solo.session.setRoundTripTime(1);
    call.packet(1, { key: true });
    call.packet(3);
    call.solo.runTo(199);
    expect(call.solo.of("nack")).toHaveLength(10);
    call.solo.runTo(2_000);
    expect(call.solo.of("nack")).toHaveLength(10);
  });

  it("learns the round trip from answers", () => {
    const call = watching();
    call.packet(1, { key: true });
    for (let n = 3; n < 40; n += 2) {
      call.packet(n);
      call.solo.now += 30;
      call.packet(n - 1);
    }
    call.packet(41);
    const before = call.solo.of("nack").length;
    call.solo.runTo(call.solo.now + 100);
    expect(call.solo.of("nack").length - before).toBe(3);
  });

  it("gives a frame up after maxWaitMs, and wants a key frame until one comes", () => {
    const call = watching({ maxWaitMs: 300 });
    call.packet(1, { key: true });
    call.packet(3);
    call.solo.runTo(299);
    expect(call.solo.of("pli")).toHaveLength(0);
    call.solo.runTo(300);
    expect(call.solo.of("pli").map(({ mediaSsrc }) => mediaSsrc)).toEqual([videoSender.ssrc]);
    call.solo.runTo(1_400);
    expect(call.solo.of("pli")).toHaveLength(3);
    call.packet(4);
    call.packet(5, { key: true });
    call.packet(6);
    call.solo.runTo(5_000);
    expect(call.solo.of("pli")).toHaveLength(3);
    expect(came(call)).toEqual([1, "5 after 3", 6]);
    expect(call.receiver.stats()).toMatchObject({
      framesReceived: 3,
      framesDropped: 3,
      pliCount: 3,
    });
  });

  it("does not ask a silent remote for ever", () => {
    const call = watching();
    call.packet(1);
    call.solo.now = 200;
    call.packet(2);
    call.solo.runTo(60_000);
    expect(call.solo.of("pli")).toHaveLength(10);
    call.packet(3);
    call.solo.runTo(60_000);
    expect(call.solo.of("pli")).toHaveLength(11);
  });

  it("asks when the application wants a key frame, once in 500 ms", () => {
    const call = watching();
    call.packet(1, { key: true });
    for (let at = 0; at < 900; at += 100) {
      call.solo.runTo(at);
      call.receiver.requestKeyFrame(at);
    }
    expect(call.solo.of("pli")).toHaveLength(2);
    call.packet(2, { key: true });
    call.solo.runTo(5_000);
    expect(call.solo.of("pli")).toHaveLength(2);
  });

  it("asks for nothing that was not negotiated", () => {
    const call = watching({ nack: false, pli: false });
    call.packet(1, { key: true });
    call.packet(3);
    call.receiver.requestKeyFrame(0);
    call.solo.runTo(5_000);
    expect(call.solo.rtcp.filter(({ type }) => type === "nack" || type === "pli")).toEqual([]);
  });

  it("leaves what cannot be decoded for a key frame that is there", () => {
    const call = watching();
    call.packet(1, { key: true });
    call.packet(3);
    call.packet(4, { key: true });
    call.packet(5);
    call.solo.runTo(1_100);
    expect(came(call)).toEqual([1, "4 after 2", 5]);
    expect(call.solo.of("pli")).toHaveLength(0);
  });

  it("waits for a key frame that comes in parts", () => {
    const call = watching();
    call.packet(1, { key: true, marker: false, timestamp: 9 });
    call.packet(3, { start: false, timestamp: 9 });
    call.packet(4);
    call.receiver.requestKeyFrame(0);
    expect(call.solo.of("pli")).toHaveLength(0);
    call.packet(2, { start: false, marker: false, timestamp: 9 });
    expect(call.chunks.map(({ type }) => type)).toEqual(["key", "delta"]);
  });

  it("takes the first frames in any order", () => {
    const call = watching();
    for (const n of [3, 2, 1]) call.packet(n, { key: n === 1 });
    expect(came(call)).toEqual([1, 2, 3]);
  });

  it("asks for a key frame when it joins in the middle", () => {
    const call = watching();
    call.packet(7, { start: false });
    for (const n of [8, 9]) call.packet(n);
    expect(call.solo.of("pli")).toHaveLength(1);
    call.solo.now = 150;
    call.packet(10);
    call.packet(11, { key: true });
    expect(came(call)).toEqual(["11 after 4"]);
  });

  it("passes over padding, and over lost padding when picture ids go on", () => {
    const call = watching();
    const padding = (n: number, timestamp: number): void => {
      const { ssrc, payloadType } = videoSender;
      const payload = new Uint8Array(0);
      call.solo.session.receive(
        writeRtp({ payloadType, ssrc, sequenceNumber: n, timestamp, payload }),
        call.solo.now,
      );
    };
    call.packet(1, { key: true });
    padding(2, 3_000);
    call.packet(3, { pictureId: 2 });
    padding(4, 9_000);
    call.packet(7, { pictureId: 3 });
    call.packet(8, { pictureId: 4 });
    expect(came(call)).toEqual([1, 3, 7, 8]);
    call.solo.runTo(3_000);
    expect(call.solo.of("pli")).toHaveLength(0);
  });

  it("drops a frame with a packet that cannot be read", () => {
    const call = watching();
    call.packet(1, { key: true });
    const { ssrc, payloadType } = videoSender;
    const broken = { payloadType, ssrc, sequenceNumber: 2, timestamp: 6_000, marker: true };
    call.solo.session.receive(writeRtp({ ...broken, payload: Uint8Array.of(0x80) }), 0);
    call.packet(3);
    call.packet(4, { key: true });
    expect(came(call)).toEqual([1, "4 after 2"]);
    expect(call.receiver.stats().packetsDiscarded).toBe(1);
    expect(call.solo.of("pli")).toHaveLength(1);
  });

  it("counts what is missing without picture ids too", () => {
    const call = watching({ maxWaitMs: 100 });
    call.packet(1, { key: true, pictureId: undefined });
    for (const n of [3, 4]) call.packet(n, { pictureId: undefined });
    call.solo.runTo(200);
    call.packet(5, { key: true, pictureId: undefined });
    expect(came(call)).toEqual([1, "5 after 2"]);
  });

  it("says late what comes after it was given up", () => {
    const call = watching({ maxWaitMs: 100 });
    call.packet(1, { key: true });
    call.packet(3, { key: true });
    call.solo.runTo(200);
    call.packet(2);
    expect(came(call)).toEqual([1, "3 after 1"]);
    expect(call.receiver.stats()).toMatchObject({ packetsDiscarded: 1, packetsLost: 0 });
  });
});

const layer = (tl0: number, tid: number, sync = false): Partial<Vp8PacketInit> => ({
  layer: { tl0, tid, sync },
});

describe("temporal layers", () => {
  it("go on without a lost frame that nothing else depends on", () => {
    const call = watching({ maxWaitMs: 100 });
    call.packet(1, { key: true, ...layer(10, 0) });
    call.packet(2, layer(10, 1, true));
    call.packet(3, layer(11, 0));
    // 4 is lost: of layer 1.
    call.packet(5, layer(12, 0));
    call.packet(6, layer(12, 1));
    call.packet(7, layer(13, 0));
    call.packet(8, layer(13, 1, true));
    call.packet(9, layer(13, 1));
    call.solo.runTo(200);
    expect(came(call)).toEqual([1, 2, 3, "5 after 1", "7 after 1", 8, 9]);
    expect(call.solo.of("pli")).toHaveLength(0);
  });

  it("need a key frame when one of the base layer is lost", () => {
    const call = watching({ maxWaitMs: 100 });
    call.packet(1, { key: true, ...layer(10, 0) });
    call.packet(3, layer(11, 1, true));
    call.packet(4, layer(12, 0));
    call.solo.runTo(200);
    expect(call.solo.of("pli")).toHaveLength(1);
    call.packet(5, { key: true, ...layer(13, 0) });
    expect(came(call)).toEqual([1, "5 after 3"]);
  });
});

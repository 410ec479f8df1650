import { describe, expect, it } from "vitest";
import type { RtpReceiverConfig } from "../../src/receive/config.js";
import { audioSender, receiverOf, type Received } from "../link/call.js";
import { opusPacket, Solo } from "../link/solo.js";

interface Listening extends Received {
  readonly solo: Solo;
  readonly packet: (n: number, payload?: readonly number[]) => void;
}

function listening(change: Partial<RtpReceiverConfig> = {}): Listening {
  const solo = new Solo();
  const received = receiverOf(solo.session, audioSender, change);
  const packet = (n: number, payload?: readonly number[]): void => {
    solo.session.receive(opusPacket(n, 960 * n, payload && { payload }), solo.now);
  };
  return { solo, ...received, packet };
}

function came({ chunks }: Received): (number | string)[] {
  return chunks.map(({ data, lostBefore }) =>
    lostBefore === 0 ? (data[2] ?? -1) : `${data[2] ?? -1} after ${lostBefore}`,
  );
}

describe("a receiver of audio", () => {
  it("gives each packet at once, with its length", () => {
    const call = listening();
    call.packet(1);
    call.packet(2, [0xe0, 1, 2]);
    expect(call.chunks).toMatchObject([
      { type: "key", duration: 20_000, timestamp: 0, rtpTimestamp: 960 },
      { duration: 2_500, timestamp: 20_000, rtpTimestamp: 1_920 },
    ]);
  });

  it("waits 60 ms for what was overtaken, then goes on", () => {
    const call = listening();
    call.packet(1);
    call.packet(3);
    call.solo.runTo(59);
    expect(came(call)).toEqual([1]);
    call.solo.runTo(60);
    expect(came(call)).toEqual([1, "3 after 1"]);
    call.packet(2);
    expect(call.receiver.stats()).toMatchObject({ packetsDiscarded: 1, framesDropped: 1 });
    expect(call.solo.of("nack")).toEqual([]);
  });

  it("waits 200 ms where it may ask", () => {
    const call = listening({ nack: true });
    call.packet(1);
    call.packet(3);
    expect(call.solo.of("nack")).toHaveLength(1);
    call.solo.runTo(199);
    expect(came(call)).toEqual([1]);
    call.solo.runTo(200);
    expect(came(call)).toEqual([1, "3 after 1"]);
  });

  it("keeps what came between two gaps", () => {
    const call = listening();
    for (const n of [1, 3, 6]) call.packet(n);
    call.solo.runTo(60);
    expect(came(call)).toEqual([1, "3 after 1", "6 after 2"]);
  });

  it("does not hand on what breaks RFC 6716", () => {
    const call = listening();
    call.packet(1);
    call.packet(2, [0xff, 0]);
    call.packet(3);
    expect(came(call)).toEqual([1, "3 after 1"]);
    expect(call.receiver.stats().packetsDiscarded).toBe(1);
  });

  it("takes an empty packet for no loss", () => {
    const call = listening();
    call.packet(1);
    call.packet(2, []);
    call.packet(3);
    expect(came(call)).toEqual([1, 3]);
  });

  it("goes on across the wraps of number and timestamp", () => {
    const { solo, chunks } = { ...listening() };
    for (let n = 0; n < 20; n += 1) {
      solo.session.receive(opusPacket(65_530 + n, 2 ** 32 - 5 * 960 + 960 * n), solo.now);
    }
    expect(chunks.map(({ timestamp }) => timestamp / 20_000)).toEqual(
      Array.from({ length: 20 }, (_, index) => index),
    );
    const [first] = chunks;
    expect(
      chunks.map(({ rtpTimestamp }) => (rtpTimestamp - (first?.rtpTimestamp ?? 0)) / 960),
    ).toEqual(Array.from({ length: 20 }, (_, index) => index));
  });
});

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LastSecond } from "../../src/send/last-second.js";
import { SentPackets } from "../../src/send/sent-packets.js";
import type { RtpSender, RtpSenderConfig } from "../../src/send/config.js";
import { videoChunk, videoSender } from "../link/call.js";
import { Random } from "../link/random.js";
import { Solo } from "../link/solo.js";

const random = new Random(2);

/** A sender that has sent so many packets, one each ms. */
function sending(
  packets: number,
  change: Partial<RtpSenderConfig> = {},
): { readonly solo: Solo; readonly sender: RtpSender; readonly sequenceNumbers: number[] } {
  const solo = new Solo();
  const sender = solo.session.addSender({ ...videoSender, ...change });
  for (let index = 0; index < packets; index += 1) {
    solo.now = index;
    sender.send(videoChunk(random, index, "delta", 100), solo.now);
  }
  return { solo, sender, sequenceNumbers: solo.rtp.map(({ sequenceNumber }) => sequenceNumber) };
}

function nack(solo: Solo, ...sequenceNumbers: readonly number[]): number {
  const before = solo.rtp.length;
  const mediaSsrc = videoSender.ssrc;
  solo.receiveRtcp({ type: "nack", senderSsrc: 1, mediaSsrc, sequenceNumbers });
  return solo.rtp.length - before;
}

describe("retransmission", () => {
  it("sends the same packet again", () => {
    const { solo, sender, sequenceNumbers } = sending(10);
    expect(nack(solo, sequenceNumbers[3] ?? 0, sequenceNumbers[5] ?? 0)).toBe(2);
    expect(solo.rtp.slice(10)).toEqual([solo.rtp[3], solo.rtp[5]]);
    expect(sender.stats()).toMatchObject({
      nackCount: 1,
      packetsSent: 12,
      framesSent: 10,
      retransmittedPacketsSent: 2,
      retransmittedBytesSent:
        (solo.rtp[3]?.payload.length ?? 0) + (solo.rtp[5]?.payload.length ?? 0),
    });
  });

  it("does not happen twice within a round trip", () => {
    const { solo, sequenceNumbers } = sending(10);
    const [first = 0] = sequenceNumbers;
    solo.session.setRoundTripTime(50);
    expect(nack(solo, first)).toBe(1);
    expect(nack(solo, first, first)).toBe(0);
    solo.now += 30;
    expect(nack(solo, first)).toBe(0);
    solo.now += 20;
    expect(nack(solo, first)).toBe(1);
  });

  it("takes no more than the media of the last second, however much is asked for", () => {
    const { solo, sender, sequenceNumbers } = sending(100);
    solo.session.setRoundTripTime(0);
    for (let round = 0; round < 50; round += 1) nack(solo, ...sequenceNumbers);
    expect(sender.stats().retransmittedPacketsSent).toBe(100);
    solo.now += 2_000;
    expect(nack(solo, ...sequenceNumbers)).toBe(0);
  });

  it("knows the last packets only, by number, bytes and age", () => {
    const history = { maxPackets: 10 };
    const { solo, sequenceNumbers } = sending(50, { history });
    expect(nack(solo, ...sequenceNumbers.slice(0, 40))).toBe(0);
    expect(nack(solo, ...sequenceNumbers.slice(40))).toBe(10);
  });

  it("does not happen where it was not negotiated, or for another stream", () => {
    const { solo, sender, sequenceNumbers } = sending(10, { nack: false });
    expect(nack(solo, ...sequenceNumbers)).toBe(0);
    sender.update({ nack: true });
    expect(nack(solo, ...sequenceNumbers)).toBe(0);
    sender.send(videoChunk(random, 0, "delta", 100), solo.now);
    const last = solo.rtp.at(-1)?.sequenceNumber ?? 0;
    solo.receiveRtcp({ type: "nack", senderSsrc: 1, mediaSsrc: 999, sequenceNumbers: [last] });
    expect(solo.rtp).toHaveLength(11);
    expect(nack(solo, last)).toBe(1);
  });
});

const packet = (bytes: number): Uint8Array => new Uint8Array(bytes);

describe("the packets that are kept", () => {
  it("are as many as the limit, and not one more", () => {
    const sent = new SentPackets({ maxPackets: 3 });
    for (let number = 0; number < 3; number += 1) sent.add(number, packet(10), 8, 0);
    expect(sent.get(0, 0)).toBeDefined();
    sent.add(3, packet(10), 8, 0);
    expect([sent.packets, sent.bytes]).toEqual([3, 30]);
    expect(sent.get(0, 0)).toBeUndefined();
    expect(sent.get(1, 0)?.sequenceNumber).toBe(1);
    expect(sent.get(4, 0)).toBeUndefined();
  });

  it("hold as many bytes as the limit, and not one more", () => {
    const sent = new SentPackets({ maxBytes: 100 });
    sent.add(0, packet(50), 8, 0);
    sent.add(1, packet(50), 8, 0);
    expect(sent.packets).toBe(2);
    sent.add(2, packet(1), 8, 0);
    expect([sent.packets, sent.bytes]).toEqual([2, 51]);
  });

  it("are as old as the limit, and not older", () => {
    const sent = new SentPackets({ maxAgeMs: 100 });
    sent.add(0, packet(50), 8, 0);
    expect(sent.get(0, 100)).toBeDefined();
    expect(sent.get(0, 101)).toBeUndefined();
    sent.expire(101);
    expect([sent.packets, sent.bytes]).toEqual([0, 0]);
  });

  it("are found across the wrap of sequence numbers, and not after a jump", () => {
    const sent = new SentPackets();
    for (const number of [65_534, 65_535, 0, 1]) sent.add(number, packet(1), 1, 0);
    for (const number of [65_534, 65_535, 0, 1]) {
      expect(sent.get(number, 0)?.sequenceNumber).toBe(number);
    }
    sent.add(500, packet(1), 1, 0);
    expect(sent.packets).toBe(1);
    expect(sent.get(1, 0)).toBeUndefined();
  });
});

describe("the last second", () => {
  it("is what was added since, to a tenth", () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 700 }), fc.nat(1_000)));
    fc.assert(
      fc.property(steps, (added) => {
        const second = new LastSecond();
        const all: { readonly at: number; readonly bytes: number }[] = [];
        let now = 0;
        for (const [step, bytes] of added) {
          now += step;
          second.add(bytes, now);
          all.push({ at: now, bytes });
          const since = (ms: number): number =>
            all.filter(({ at }) => at > now - ms).reduce((sum, entry) => sum + entry.bytes, 0);
          expect(second.total(now)).toBeGreaterThanOrEqual(since(900));
          expect(second.total(now)).toBeLessThanOrEqual(since(1_000));
        }
        expect(second.total(now + 1_000)).toBe(0);
      }),
    );
  });
});

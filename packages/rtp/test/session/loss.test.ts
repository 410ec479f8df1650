import type { EncodedChunk, ReceivedChunk } from "@conic/domain";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  Call,
  audioSender,
  receiverOf,
  sendAudio,
  sendVideo,
  videoSender,
  type Received,
} from "../link/call.js";
import type { Conditions } from "../link/link.js";

const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });

/**
 * Follows what was received through what was sent: whole, in order, every gap told, and never a delta frame after one.
 * Gives the number of frames after the last one that came.
 */
function follow(sent: readonly EncodedChunk[], received: readonly ReceivedChunk[]): number {
  const [first] = received;
  if (first === undefined) return sent.length;
  const isFirst = (chunk: EncodedChunk): boolean => isSame(chunk, first);
  // Packets lost before the first that came cannot be known.
  let at = sent.findIndex((chunk) => isFirst(chunk)) - first.lostBefore;
  for (const [index, chunk] of received.entries()) {
    at += chunk.lostBefore;
    const original = sent[at];
    if (original === undefined || !isSame(original, chunk)) {
      throw new Error(`chunk ${index} is not what was sent ${at}th`);
    }
    expect(chunk.type).toBe(original.type);
    if (chunk.lostBefore > 0 && chunk.type === "delta") throw new Error("a delta after a gap");
    at += 1;
  }
  return sent.length - at;
}

function isSame(a: EncodedChunk, b: EncodedChunk): boolean {
  return Buffer.compare(a.data, b.data) === 0;
}

function videoCall(
  seed: number,
  both: Conditions,
  frames: number,
): {
  readonly sent: ReturnType<typeof sendVideo>;
  readonly received: Received;
  readonly call: Call;
} {
  const call = new Call({ seed, both });
  const received = receiverOf(call.sessions.b, videoSender);
  const sent = sendVideo(call, frames);
  call.link.runFor((frames * 1_000) / 30 + 3_000);
  return { sent, received, call };
}

describe("video", () => {
  it("arrives whole and in order without loss, whatever overtakes or comes twice", () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 0, max: 60 }), (seed, jitterMs) => {
        const { sent, received } = videoCall(seed, { jitterMs, duplicate: 0.1 }, 60);
        expect(received.chunks).toHaveLength(60);
        expect(follow(sent.chunks, received.chunks)).toBe(0);
        expect(received.receiver.stats()).toMatchObject({ framesDropped: 0, packetsLost: 0 });
      }),
      { numRuns: 12 },
    );
  });

  for (const loss of [0.02, 0.1, 0.3]) {
    it(`is decodable and accounted for at ${loss * 100} % loss both ways`, () => {
      fc.assert(
        fc.property(seeds, fc.constantFrom(0, 20), (seed, jitterMs) => {
          const frames = 150;
          const { sent, received } = videoCall(seed, { loss, jitterMs, duplicate: 0.02 }, frames);
          const tail = follow(sent.chunks, received.chunks);
          const before =
            sent.chunks.findIndex((chunk) => {
              const [first] = received.chunks;
              return first !== undefined && isSame(chunk, first);
            }) - (received.chunks[0]?.lostBefore ?? 0);
          const stats = received.receiver.stats();
          expect(stats.framesReceived).toBe(received.chunks.length);
          expect(stats.framesReceived + stats.framesDropped + tail + before).toBe(frames);
          expect(sent.sender.stats().framesSent).toBe(frames);
        }),
        { numRuns: 10 },
      );
    });
  }

  it("repairs nearly everything at 2 % loss and a round trip of 30 ms", () => {
    let [frames, came] = [0, 0];
    for (let seed = 1; seed <= 5; seed += 1) {
      const { sent, received } = videoCall(seed, { loss: 0.02 }, 300);
      frames += 300;
      came += received.chunks.length;
      follow(sent.chunks, received.chunks);
      expect(received.receiver.stats().packetsRepaired).toBeGreaterThan(0);
      const { packetsSent, retransmittedPacketsSent } = sent.sender.stats();
      // No storm: what is sent again is in proportion to what was lost.
      expect(retransmittedPacketsSent / packetsSent).toBeLessThan(0.04);
    }
    expect(came / frames).toBeGreaterThan(0.995);
  });

  it("goes on with a key frame after an outage", () => {
    const call = new Call({ seed: 5 });
    const received = receiverOf(call.sessions.b, videoSender);
    const sent = sendVideo(call, 300);
    call.link.runFor(2_000);
    call.link.change("a", { loss: 1 });
    call.link.runFor(3_000);
    call.link.change("a", { loss: 0 });
    call.link.runFor(8_000);
    expect(follow(sent.chunks, received.chunks)).toBe(0);
    expect(received.chunks.filter(({ type }) => type === "key").length).toBeGreaterThan(1);
    const { framesReceived, framesDropped, pliCount } = received.receiver.stats();
    expect(framesReceived + framesDropped).toBe(300);
    expect(framesReceived).toBeGreaterThan(150);
    expect(pliCount).toBeGreaterThan(0);
  });
});

describe("audio", () => {
  for (const nack of [false, true]) {
    for (const loss of [0, 0.02, 0.1, 0.3]) {
      it(`arrives in order with exact gaps at ${loss * 100} % loss, ${nack ? "with" : "without"} NACK`, () => {
        fc.assert(
          fc.property(seeds, fc.constantFrom(0, 30), (seed, jitterMs) => {
            const call = new Call({ seed, both: { loss, jitterMs, duplicate: 0.05 } });
            const config = { ...audioSender, nack };
            const received = receiverOf(call.sessions.b, config);
            const sent = sendAudio(call, 200, config);
            call.link.runFor(200 * 20 + 1_000);
            const tail = follow(sent.chunks, received.chunks);
            const lost = received.chunks.reduce((sum, { lostBefore }) => sum + lostBefore, 0);
            expect(received.receiver.stats().framesDropped).toBe(lost);
            expect(loss === 0 ? tail + lost : 0).toBe(0);
            // Time goes on through what is lost.
            const [first] = received.chunks;
            let at = 0;
            for (const [index, chunk] of received.chunks.entries()) {
              at += index === 0 ? 0 : chunk.lostBefore + 1;
              expect(chunk.timestamp).toBe(at * 20_000);
              expect(chunk.rtpTimestamp - (first?.rtpTimestamp ?? 0)).toBe(at * 960);
              expect(chunk.duration).toBe(20_000);
            }
          }),
          { numRuns: 10 },
        );
      });
    }
  }
});

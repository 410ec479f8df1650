import { describe, expect, it } from "vitest";
import { writeRtp } from "../../src/packet/write.js";
import { Demultiplexer } from "../../src/session/demultiplexer.js";
import { InboundTrack } from "../../src/receive/inbound-track.js";
import { parseRtp } from "../../src/packet/parse.js";
import { audioSender, receiverOf, type Received } from "../link/call.js";
import { Solo } from "../link/solo.js";

interface PacketInit {
  readonly ssrc: number;
  readonly mid?: string;
  readonly payloadType?: number;
  readonly n?: number;
}

function bytesOf({ ssrc, mid, payloadType = 111, n = 0 }: PacketInit): Uint8Array {
  return writeRtp({
    payloadType,
    sequenceNumber: n,
    timestamp: n * 960,
    ssrc,
    ...(mid === undefined ? {} : { extensions: [{ id: 3, data: Buffer.from(mid) }] }),
    payload: Uint8Array.of(0xf8, n),
  });
}

/** Three receivers of audio, by media section; the second knows the SSRC 20. */
function three(): {
  readonly solo: Solo;
  readonly by: Readonly<Record<"a" | "b" | "c", Received>>;
} {
  const solo = new Solo();
  const receiver = (
    mid: string,
    ssrcs: readonly number[],
    payloadTypes: readonly number[],
  ): Received =>
    receiverOf(solo.session, audioSender, {
      mid: { extensionId: 3, value: mid },
      ssrcs,
      payloadTypes,
    });
  const by = {
    a: receiver("a", [], [111]),
    b: receiver("b", [20], [111]),
    c: receiver("c", [], [96]),
  };
  return { solo, by };
}

function counts({ by }: ReturnType<typeof three>): number[] {
  return [by.a, by.b, by.c].map(({ chunks }) => chunks.length);
}

describe("a packet goes to the receiver", () => {
  it("that was told its SSRC", () => {
    const call = three();
    call.solo.session.receive(bytesOf({ ssrc: 20 }), 0);
    expect(counts(call)).toEqual([0, 1, 0]);
  });

  it("of its media section, as do those after it without the extension", () => {
    const call = three();
    call.solo.session.receive(bytesOf({ ssrc: 5 }), 0);
    expect(counts(call)).toEqual([0, 0, 0]);
    call.solo.session.receive(bytesOf({ ssrc: 5, mid: "a", n: 1 }), 0);
    call.solo.session.receive(bytesOf({ ssrc: 5, n: 2 }), 0);
    expect(counts(call)).toEqual([2, 0, 0]);
  });

  it("of its media section even when the SSRC was another's", () => {
    const call = three();
    call.solo.session.receive(bytesOf({ ssrc: 20, mid: "a" }), 0);
    call.solo.session.receive(bytesOf({ ssrc: 20, n: 1 }), 0);
    expect(counts(call)).toEqual([2, 0, 0]);
  });

  it("that alone takes its payload type", () => {
    const call = three();
    call.solo.session.receive(bytesOf({ ssrc: 9, payloadType: 96 }), 0);
    expect(counts(call)).toEqual([0, 0, 1]);
  });

  it("nobody takes it", () => {
    const call = three();
    call.solo.session.receive(bytesOf({ ssrc: 20, payloadType: 97 }), 0);
    call.solo.session.receive(bytesOf({ ssrc: 8, mid: "z" }), 0);
    call.solo.session.receive(bytesOf({ ssrc: 8, mid: "a", payloadType: 97 }), 0);
    expect(counts(call)).toEqual([0, 0, 0]);
  });

  it("that was told anew by a negotiation", () => {
    const call = three();
    call.by.b.receiver.update({ ssrcs: [21], payloadTypes: [100], mid: undefined });
    call.by.a.receiver.update({ ssrcs: [20] });
    call.solo.session.receive(bytesOf({ ssrc: 20 }), 0);
    call.solo.session.receive(bytesOf({ ssrc: 21, payloadType: 100 }), 0);
    expect(counts(call)).toEqual([1, 1, 0]);
    call.by.a.receiver.stop();
    call.solo.session.receive(bytesOf({ ssrc: 20, n: 1 }), 0);
    expect(counts(call)).toEqual([1, 1, 0]);
  });
});

describe("SSRCs that are learnt", () => {
  it("are 256 at most; the oldest is told again by its next packet", () => {
    const demultiplexer = new Demultiplexer();
    const track = new InboundTrack(
      { ...audioSender, payloadTypes: [111], ssrcs: [], pli: false, onChunk: () => {} },
      {
        roundTripMs: 1,
        nack: () => {},
        pli: () => {},
        repairedAfter: () => {},
        updated: () => {},
        stopped: () => {},
      },
    );
    demultiplexer.set(track);
    const find = (ssrc: number): boolean => {
      const packet = parseRtp(bytesOf({ ssrc }));
      return packet !== undefined && demultiplexer.find(packet) === track;
    };
    for (let ssrc = 1; ssrc <= 256; ssrc += 1) expect(find(ssrc)).toBe(true);
    expect(demultiplexer.learnt).toBe(256);
    expect(find(257)).toBe(true);
    expect(demultiplexer.learnt).toBe(256);
    expect(find(1)).toBe(true);
  });
});

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { srtpKeyLengths, srtpProfile, SrtpSession, writeRtp } from "../../src/index.js";
import { LocalSource } from "../../src/srtp/sources.js";
import { toHex } from "../support/bytes.js";
import { connect, profiles, receiverReport, rtp } from "../support/srtp.js";

const rtpPackets = fc
  .record({
    marker: fc.boolean(),
    payloadType: fc.integer({ min: 0, max: 127 }),
    sequenceNumber: fc.integer({ min: 0, max: 0xffff }),
    timestamp: fc.nat(),
    ssrc: fc.nat({ max: 0xffff_ffff }),
    extensions: fc.array(
      fc.record({
        id: fc.integer({ min: 1, max: 14 }),
        data: fc.uint8Array({ minLength: 1, maxLength: 16 }),
      }),
      { maxLength: 3 },
    ),
    payload: fc.uint8Array({ maxLength: 1200 }),
  })
  .map((packet) => writeRtp(packet));

const rtcpPackets = fc
  .uint8Array({ minLength: 0, maxLength: 200 })
  .map((rest) => Uint8Array.of(0x80, 201, 0, 1, 1, 2, 3, 4, ...rest));

describe.each(profiles)("an SRTP session with profile %i", (profile) => {
  it("opens what the other end protected, header in the clear, and leaves its inputs alone", () => {
    fc.assert(
      fc.property(rtpPackets, (packet) => {
        const { a, b } = connect(profile);
        const before = packet.slice();
        const sealed = a.protectRtp(packet);
        expect(packet).toEqual(before);
        expect(sealed.subarray(0, 12)).toEqual(Buffer.from(packet.subarray(0, 12)));
        const received = Uint8Array.from(sealed);
        expect(b.unprotectRtp(received)).toEqual(packet);
        expect(received).toEqual(Uint8Array.from(sealed));
      }),
    );
  });

  it("hides the payload, and nothing else", () => {
    const { a } = connect(profile);
    const payload = new TextEncoder().encode("words that nobody may read");
    const header = { payloadType: 111, sequenceNumber: 1, timestamp: 2, ssrc: 3 };
    const sealed = toHex(a.protectRtp(writeRtp({ ...header, payload })));
    expect(sealed.slice(0, 24)).toBe("806f00010000000200000003");
    expect(sealed).not.toContain(toHex(payload.subarray(0, 6)));
    const control = toHex(a.protectRtcp(Uint8Array.of(0x80, 201, 0, 7, 0, 0, 0, 3, ...payload)));
    expect(control.slice(0, 16)).toBe("80c9000700000003");
    expect(control).not.toContain(toHex(payload.subarray(0, 6)));
  });

  it("opens RTCP of the other end", () => {
    fc.assert(
      fc.property(rtcpPackets, (packet) => {
        const { a, b } = connect(profile);
        expect(b.unprotectRtcp(a.protectRtcp(packet))).toEqual(packet);
        expect(b.unprotectRtcp(a.protectRtcp(packet))).toEqual(packet);
      }),
    );
  });

  it("refuses a packet of which any bit was changed, and opens the true one after it", () => {
    fc.assert(
      fc.property(
        rtpPackets,
        rtcpPackets,
        fc.nat(),
        fc.nat({ max: 7 }),
        (media, control, at, bit) => {
          const { a, b } = connect(profile);
          const sealed = a.protectRtp(media);
          expect(b.unprotectRtp(flipped(sealed, at, bit))).toBeUndefined();
          expect(b.unprotectRtp(sealed)).toEqual(media);
          const sealedControl = a.protectRtcp(control);
          expect(b.unprotectRtcp(flipped(sealedControl, at, bit))).toBeUndefined();
          expect(b.unprotectRtcp(sealedControl)).toEqual(control);
        },
      ),
    );
  });

  it("refuses any other bytes, and never throws", () => {
    const { b } = connect(profile);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.boolean(), (bytes, likeRtp) => {
        if (likeRtp && bytes.length > 0) bytes[0] = 0x80 | ((bytes[0] as number) & 0x3f);
        expect(b.unprotectRtp(bytes)).toBeUndefined();
        expect(b.unprotectRtcp(bytes)).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });

  it("refuses every truncation", () => {
    const { a, b } = connect(profile);
    const media = a.protectRtp(rtp(0));
    const control = a.protectRtcp(receiverReport(7));
    for (let length = 0; length < media.length; length += 1) {
      expect(b.unprotectRtp(media.subarray(0, length))).toBeUndefined();
    }
    for (let length = 0; length < control.length; length += 1) {
      expect(b.unprotectRtcp(control.subarray(0, length))).toBeUndefined();
    }
  });

  it("opens nothing of its own, for each direction has keys of its own", () => {
    const { a } = connect(profile);
    expect(a.unprotectRtp(a.protectRtp(rtp(0)))).toBeUndefined();
    expect(a.unprotectRtcp(a.protectRtcp(receiverReport(7)))).toBeUndefined();
  });

  it("refuses a replay of RTP and of RTCP", () => {
    const { a, b } = connect(profile);
    const media = a.protectRtp(rtp(0));
    const control = a.protectRtcp(receiverReport(7));
    expect(b.unprotectRtp(media)).toBeDefined();
    expect(b.unprotectRtp(media)).toBeUndefined();
    expect(b.unprotectRtcp(control)).toBeDefined();
    expect(b.unprotectRtcp(control)).toBeUndefined();
  });

  it("protects the same packet again as the very same bytes", () => {
    const { a } = connect(profile);
    const first = Uint8Array.from(a.protectRtp(rtp(100)));
    for (let index = 101; index < 1000; index += 1) a.protectRtp(rtp(index));
    expect(Uint8Array.from(a.protectRtp(rtp(100)))).toEqual(first);
  });

  it("refuses to protect what is no packet", () => {
    const { a } = connect(profile);
    const refusal: unknown = expect.objectContaining({ code: "invalid_argument" });
    expect(() => a.protectRtp(new Uint8Array(11))).toThrow(refusal);
    expect(() => a.protectRtp(Uint8Array.of(0x90, ...new Uint8Array(11)))).toThrow(refusal);
    expect(() => a.protectRtcp(new Uint8Array(7))).toThrow(refusal);
  });
});

describe("the sources of the remote", () => {
  it("are made by authentic packets only, up to the limit", () => {
    const { a, b } = connect(srtpProfile.aeadAes128Gcm, { maxRemoteSources: 3 });
    for (let ssrc = 1000; ssrc < 1100; ssrc += 1) {
      const forged = Uint8Array.from(a.protectRtp(rtp(0, ssrc)));
      expect(b.unprotectRtp(flipped(forged, forged.length - 1, 0))).toBeUndefined();
      expect(b.unprotectRtcp(flipped(a.protectRtcp(receiverReport(ssrc)), 9, 0))).toBeUndefined();
    }
    expect(b.unprotectRtp(a.protectRtp(rtp(0, 1)))).toBeDefined();
    expect(b.unprotectRtcp(a.protectRtcp(receiverReport(2)))).toBeDefined();
    expect(b.unprotectRtp(a.protectRtp(rtp(0, 3)))).toBeDefined();
    expect(b.unprotectRtp(a.protectRtp(rtp(0, 4)))).toBeUndefined();
    expect(b.unprotectRtcp(a.protectRtcp(receiverReport(4)))).toBeUndefined();
    expect(b.unprotectRtp(a.protectRtp(rtp(1, 1)))).toBeDefined();
    expect(b.unprotectRtcp(a.protectRtcp(receiverReport(3)))).toBeDefined();
  });

  it("are 256 by default", () => {
    const { a, b } = connect(srtpProfile.aeadAes128Gcm);
    const opened = Array.from({ length: 257 }, (_, ssrc) =>
      b.unprotectRtp(a.protectRtp(rtp(0, ssrc))),
    );
    expect(opened.slice(0, 256).includes(undefined)).toBe(false);
    expect(opened[256]).toBeUndefined();
  });
});

describe("the keys", () => {
  it("have the lengths of the profile", () => {
    expect(srtpKeyLengths(0x0001)).toEqual({ keyBytes: 16, saltBytes: 14 });
    expect(srtpKeyLengths(0x0007)).toEqual({ keyBytes: 16, saltBytes: 12 });
    expect(() => srtpKeyLengths(0x0002)).toThrow(expect.objectContaining({ code: "unsupported" }));
  });

  it("of another length are refused", () => {
    const good = {
      profile: srtpProfile.aeadAes128Gcm,
      localKey: new Uint8Array(16),
      localSalt: new Uint8Array(12),
      remoteKey: new Uint8Array(16),
      remoteSalt: new Uint8Array(12),
    };
    expect(new SrtpSession(good)).toBeInstanceOf(SrtpSession);
    for (const name of ["localKey", "localSalt", "remoteKey", "remoteSalt"] as const) {
      const bad = { ...good, [name]: new Uint8Array(14) };
      expect(() => new SrtpSession(bad)).toThrow(
        expect.objectContaining({ code: "invalid_argument" }),
      );
    }
  });

  it("are never used for more than 2^31 RTCP packets of one source", () => {
    const source = new LocalSource(2 ** 31 - 1);
    expect(source.rtcpIndex()).toBe(2 ** 31 - 1);
    expect(() => source.rtcpIndex()).toThrow(expect.objectContaining({ code: "invalid_state" }));
  });
});

function flipped(bytes: Uint8Array, at: number, bit: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const place = at % copy.length;
  copy[place] = (copy[place] as number) ^ (1 << bit);
  return copy;
}

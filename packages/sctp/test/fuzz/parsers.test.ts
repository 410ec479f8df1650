import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chunkType } from "../../src/wire/constants.js";
import { packetChecksum } from "../../src/wire/crc32c.js";
import { readForwardTsn, writeForwardTsn } from "../../src/wire/chunks/forward-tsn.js";
import { readInit, writeInit } from "../../src/wire/chunks/init.js";
import { isPacket, PacketReader } from "../../src/wire/packet-reader.js";
import { PacketWriter } from "../../src/wire/packet-writer.js";
import { readParameters, viewOf } from "../../src/wire/parameters.js";
import {
  readReconfig,
  writeOutgoingReset,
  writeReconfigResponse,
} from "../../src/wire/chunks/reconfig.js";
import { SackReader, writeSack } from "../../src/wire/chunks/sack.js";
import { crc32c, readPacket } from "../support/packets.js";

const runs = { numRuns: 2000 };
const anyBytes = fc.uint8Array({ maxLength: 300 });
const tlv = fc
  .record({
    type: fc.nat(0xff_ff),
    length: fc.oneof(fc.nat(40), fc.nat(0xff_ff)),
    body: fc.uint8Array({ maxLength: 40 }),
  })
  .map(({ type, length, body }) =>
    Buffer.concat([Uint8Array.of(type >> 8, type & 255, length >> 8, length & 255), body]),
  );
/** Bytes that look like parameters behind a header of some length. */
const likeParameters = fc
  .tuple(fc.uint8Array({ maxLength: 20 }), fc.array(tlv, { maxLength: 8 }))
  .map(([head, parameters]) => new Uint8Array(Buffer.concat([head, ...parameters])));
const input = fc.oneof(anyBytes, likeParameters);
const uint32 = fc.nat(0xff_ff_ff_ff);

describe("any bytes", () => {
  it("are parameters, or none, and never more than they could hold", () => {
    fc.assert(
      fc.property(input, (bytes) => {
        const parameters = readParameters(bytes) ?? [];
        const total = parameters.reduce((sum, { value }) => sum + 4 + value.length, 0);
        expect(total).toBeLessThanOrEqual(bytes.length);
      }),
      runs,
    );
  });

  it("are chunks, or none; the walk always ends", () => {
    fc.assert(
      fc.property(input, (bytes) => {
        if (!isPacket(bytes)) return;
        const packet = new PacketReader(bytes);
        let chunks = 0;
        while (packet.next()) {
          chunks += 1;
          expect(packet.at + packet.length).toBeLessThanOrEqual(bytes.length);
          expect(packet.whole).toHaveLength(packet.value.length + 4);
        }
        expect(chunks).toBeLessThanOrEqual(bytes.length / 4);
        packet.hasChecksum(false);
      }),
      runs,
    );
  });

  it("are INIT, FORWARD TSN, RE-CONFIG and SACK, or none, without a throw", () => {
    const sack = new SackReader();
    fc.assert(
      fc.property(input, fc.boolean(), (bytes, interleaved) => {
        readInit(bytes);
        readForwardTsn(bytes, interleaved);
        readReconfig(bytes);
        if (!sack.read(viewOf(bytes), 0, bytes.length)) return;
        for (let gap = 0; gap < sack.gaps; gap += 1) {
          expect(sack.gapStart(gap) + sack.gapEnd(gap)).toBeLessThanOrEqual(2 * 0xff_ff);
        }
      }),
      runs,
    );
  });
});

describe("what is written", () => {
  it("is read the same: INIT", () => {
    const init = fc.record({
      tag: uint32.map((value) => value || 1),
      receiveWindow: uint32,
      outboundStreams: fc.integer({ min: 1, max: 0xff_ff }),
      inboundStreams: fc.integer({ min: 1, max: 0xff_ff }),
      initialTsn: uint32,
      features: fc.record({
        partialReliability: fc.constant(true),
        reconfiguration: fc.constant(true),
        interleaving: fc.boolean(),
        zeroChecksum: fc.constant(true),
      }),
      cookie: fc.uint8Array({ minLength: 1, maxLength: 64 }),
    });
    fc.assert(
      fc.property(init, (value) => {
        const chunk = writeInit(chunkType.initAck, value);
        expect(readInit(chunk.subarray(4))).toMatchObject(value);
      }),
    );
  });

  it("is read the same: FORWARD TSN", () => {
    const streams = fc.array(
      fc.record({ streamId: fc.nat(0xff_ff), unordered: fc.boolean(), message: fc.nat(0xff_ff) }),
      { maxLength: 50 },
    );
    fc.assert(
      fc.property(uint32, streams, fc.boolean(), (cumulativeTsn, skipped, interleaved) => {
        const named = interleaved ? skipped : skipped.map((one) => ({ ...one, unordered: false }));
        const chunk = writeForwardTsn({ cumulativeTsn, streams: named }, interleaved);
        expect(readForwardTsn(chunk.subarray(4), interleaved)).toEqual({
          cumulativeTsn,
          streams: named,
        });
      }),
    );
  });

  it("is read the same: RE-CONFIG", () => {
    const ids = fc.array(fc.nat(0xff_ff), { maxLength: 50 });
    fc.assert(
      fc.property(uint32, uint32, ids, (requestNumber, lastTsn, streamIds) => {
        const chunk = writeOutgoingReset({ requestNumber, lastTsn, streamIds }, 5);
        const [read] = readReconfig(valueOf(chunk)) ?? [];
        expect(read).toEqual({ kind: "outgoingReset", requestNumber, lastTsn, streamIds });
        const answer = readReconfig(valueOf(writeReconfigResponse(requestNumber, 6)));
        expect(answer).toEqual([{ kind: "response", responseNumber: requestNumber, result: 6 }]);
      }),
    );
  });

  it("is read the same: SACK, of which as much is written as fits", () => {
    const gaps = fc.array(fc.tuple(fc.nat(0xff_ff), fc.nat(0xff_ff)), { maxLength: 400 });
    fc.assert(
      fc.property(uint32, uint32, gaps, (cumulativeTsn, receiveWindow, pairs) => {
        const writer = new PacketWriter(1, 2, 1200);
        writeSack(writer, { cumulativeTsn, receiveWindow, gaps: pairs.flat(), duplicates: [1, 2] });
        const packet = new PacketReader(writer.finish(7, true));
        expect(packet.next()).toBe(true);
        const sack = new SackReader();
        expect(sack.read(packet.view, packet.at, packet.length)).toBe(true);
        expect([sack.cumulativeTsn, sack.receiveWindow]).toEqual([cumulativeTsn, receiveWindow]);
        expect(sack.gaps).toBe(Math.min(pairs.length, 293));
        for (let gap = 0; gap < sack.gaps; gap += 1) {
          expect([sack.gapStart(gap), sack.gapEnd(gap)]).toEqual(pairs[gap]);
        }
      }),
      { numRuns: 30 },
    );
  });

  it("has the checksum of RFC 9260, appendix A", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 12, maxLength: 200 }), (bytes) => {
        const clean = bytes.slice();
        clean.fill(0, 8, 12);
        expect(packetChecksum(viewOf(bytes), bytes.length)).toBe(crc32c(clean));
      }),
    );
    // The test vector of RFC 3720, B.4: 32 bytes of zeros.
    expect(crc32c(new Uint8Array(32)).toString(16)).toBe("8a9136aa");
  });

  it("of chunks larger than the packet makes a larger packet", () => {
    const writer = new PacketWriter(1, 2, 1200);
    const chunk = new Uint8Array(5000);
    new DataView(chunk.buffer).setUint16(2, 5000);
    writer.raw(chunk);
    expect(readPacket(writer.finish(1, true))?.chunks[0]?.value).toHaveLength(4996);
    expect(writer.limit).toBe(1200);
  });
});

function valueOf(chunk: Uint8Array): Uint8Array {
  return chunk.subarray(4, viewOf(chunk).getUint16(2));
}

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FrameReceiver } from "../../../src/websocket/server-end/frame-receiver.js";
import { closePayload, opcodes, rawFrame } from "../../support/raw-client.js";

type Told = readonly [what: string, content: string | number];

function receiver(maxMessageBytes = 65_536): {
  readonly push: (chunk: Uint8Array) => void;
  readonly told: Told[];
} {
  const told: Told[] = [];
  const frames = new FrameReceiver(
    {
      onText: (bytes) => told.push(["text", bytes.toString()]),
      onBinary: () => told.push(["binary", ""]),
      onPing: (payload) => told.push(["ping", payload.toString("latin1")]),
      onClose: (code, reason) => told.push(["close", `${code} ${reason}`]),
      onInvalid: (code) => told.push(["invalid", code]),
    },
    maxMessageBytes,
  );
  return {
    // It takes the mask off in place; a read of the network is nobody else's either.
    push: (chunk) => {
      frames.push(Buffer.from(chunk));
    },
    told,
  };
}

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.integer({ min: 60, max: 70_000 }).map((length) => "é€𝄞x".repeat(length).slice(0, length / 4)),
);

/** Frames, and what a server hears. */
const sent = fc.oneof(
  text.map((content): readonly [Buffer, Told] => [
    rawFrame(opcodes.text, content),
    ["text", Buffer.from(content).toString()],
  ]),
  fc.tuple(text, fc.nat()).map(([content, cut]): readonly [Buffer, Told] => {
    const bytes = Buffer.from(content);
    const at = cut % (bytes.length + 1);
    return [
      Buffer.concat([
        rawFrame(opcodes.text, bytes.subarray(0, at), { fin: false }),
        rawFrame(opcodes.continuation, bytes.subarray(at)),
      ]),
      ["text", bytes.toString()],
    ];
  }),
  fc
    .uint8Array({ maxLength: 125 })
    .map((payload): readonly [Buffer, Told] => [
      rawFrame(opcodes.ping, Buffer.from(payload)),
      ["ping", Buffer.from(payload).toString("latin1")],
    ]),
);

/** The bytes in pieces, whose lengths follow `sizes` again and again. */
function inPieces(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0, index = 0; at < bytes.length; index += 1) {
    const size = sizes[index % sizes.length] ?? 1;
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}

describe("frames of a client", () => {
  it("mean the same however the network cuts them", () => {
    const sizes = fc.array(fc.integer({ min: 100, max: 90_000 }), { minLength: 1, maxLength: 5 });
    const small = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fc.array(sent, { maxLength: 6 }), sizes, small, (list, large, few) => {
        const bytes = Buffer.concat([
          ...list.map(([frame]) => frame),
          rawFrame(opcodes.close, closePayload(1000)),
        ]);
        const expected = [...list.map(([, told]) => told), ["close", "1000 "]];
        for (const pieces of [
          [bytes],
          inPieces(bytes, large),
          ...(bytes.length < 900 ? [inPieces(bytes, few)] : []),
        ]) {
          const { push, told } = receiver(300_000);
          for (const piece of pieces) push(piece);
          expect(told).toEqual(expected);
        }
      }),
      { numRuns: 150 },
    );
  });

  it("are not read any more behind a close, or what breaks the protocol", () => {
    for (const [end, told] of [
      [rawFrame(opcodes.close, closePayload(4000)), ["close", "4000 "]],
      [rawFrame(opcodes.close, ""), ["close", "1005 "]],
      [rawFrame(opcodes.text, "x", { mask: false }), ["invalid", 1002]],
    ] as const) {
      const client = receiver();
      client.push(Buffer.concat([end, rawFrame(opcodes.text, "behind it")]));
      client.push(rawFrame(opcodes.text, "later"));
      expect(client.told).toEqual([told]);
    }
  });

  it("are refused as soon as the header says too much, before any of it is kept", () => {
    const atLimit = receiver(1000);
    atLimit.push(rawFrame(opcodes.text, "x".repeat(1000)));
    expect(atLimit.told).toEqual([["text", "x".repeat(1000)]]);
    const above = receiver(1000);
    above.push(rawFrame(opcodes.text, "", { claimedBytes: 1001n }));
    expect(above.told).toEqual([["invalid", 1009]]);
  });

  it("take 1,024 segments for one frame, and no more", () => {
    const frame = rawFrame(opcodes.text, "x".repeat(1016));
    expect(frame).toHaveLength(1024);
    const enough = receiver();
    for (const byte of frame) enough.push(Buffer.of(byte));
    expect(enough.told).toEqual([["text", "x".repeat(1016)]]);
    const more = receiver();
    for (const byte of rawFrame(opcodes.text, "x".repeat(1017))) more.push(Buffer.of(byte));
    expect(more.told).toEqual([["invalid", 1008]]);
  });
});

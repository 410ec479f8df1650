import { isConicError } from "@conic/domain";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeHubMessage, encodeHubMessage } from "../../src/cluster/messages.js";
import { MessageReader, MessageWriter } from "../../src/index.js";

const field = fc.oneof(
  fc.record({ kind: fc.constant("u8" as const), value: fc.nat(255) }),
  fc.record({ kind: fc.constant("u32" as const), value: fc.nat(0xffff_ffff) }),
  fc.record({ kind: fc.constant("string" as const), value: fc.string({ unit: "binary" }) }),
  fc.record({ kind: fc.constant("bytes" as const), value: fc.uint8Array({ maxLength: 300 }) }),
);

/** A message that comes out as it went in, or a refusal. */
function outcomeOf(bytes: Uint8Array): string {
  try {
    const message = decodeHubMessage(bytes);
    const again = decodeHubMessage(encodeHubMessage(message));
    return JSON.stringify(again) === JSON.stringify(message) ? "fine" : "changed";
  } catch (error) {
    return isConicError(error) ? "fine" : String(error);
  }
}

describe("messages between nodes", () => {
  it("are read as they were written", () => {
    fc.assert(
      fc.property(fc.array(field), fc.integer({ min: 1, max: 200 }), (fields, room) => {
        const writer = new MessageWriter(room);
        for (const one of fields) {
          if (one.kind === "u8") writer.u8(one.value);
          else if (one.kind === "u32") writer.u32(one.value);
          else if (one.kind === "string") writer.string(one.value);
          else writer.bytes(one.value);
        }
        const reader = new MessageReader(writer.end());
        expect(fields.map(({ kind }) => reader[kind]())).toEqual(fields.map(({ value }) => value));
        reader.end();
      }),
    );
  });

  it("are refused with an error of ours, whatever bytes they are", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        expect(outcomeOf(bytes)).toBe("fine");
      }),
      { numRuns: 5000 },
    );
  });
});

import { isConicError } from "@conic/domain";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeRoomsMessage, encodeRoomsMessage } from "../../src/cluster/rooms/messages.js";
import { decodeTunnelMessage, encodeTunnelMessage } from "../../src/cluster/tunnel/messages.js";

/** Reads, writes and reads again: the same, or an error of ours. */
function outcomeOf<M>(
  bytes: Uint8Array,
  decode: (bytes: Uint8Array) => M,
  encode: (message: M) => Uint8Array,
): string {
  try {
    const message = decode(bytes);
    return JSON.stringify(decode(encode(message))) === JSON.stringify(message) ? "fine" : "changed";
  } catch (error) {
    return isConicError(error) ? "refused" : String(error);
  }
}

describe("what nodes tell each other", () => {
  // Most types are small numbers: so that more than the first byte is tried.
  const bytes = fc
    .tuple(fc.nat(15), fc.uint8Array({ maxLength: 60 }))
    .map(([type, rest]) => new Uint8Array([type, ...rest]));

  it("is refused with an error of ours, whatever bytes it is", () => {
    let fine = 0;
    fc.assert(
      fc.property(bytes, (all) => {
        const outcomes = [
          outcomeOf(all, decodeTunnelMessage, encodeTunnelMessage),
          outcomeOf(all, decodeRoomsMessage, encodeRoomsMessage),
        ];
        fine += outcomes.filter((outcome) => outcome === "fine").length;
        expect(outcomes.filter((one) => one !== "fine" && one !== "refused")).toEqual([]);
      }),
      { numRuns: 5000 },
    );
    // Some were messages, such as those without a body.
    expect(fine).toBeGreaterThan(0);
  });
});

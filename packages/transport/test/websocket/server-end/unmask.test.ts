import * as fc from "fast-check";
import { expect, it } from "vitest";
import { unmask } from "../../../src/websocket/server-end/unmask.js";

it("takes the mask off the payload and touches nothing else, wherever it lies in memory", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      fc.uint8Array({ maxLength: 300 }),
      fc.nat(9),
      fc.nat(9),
      (mask, payload, before, behind) => {
        const memory = Buffer.alloc(before + 4 + payload.length + behind, 0xee);
        const buffer = memory.subarray(Math.min(before, 3));
        const at = before - Math.min(before, 3);
        buffer.set(mask, at);
        payload.forEach((byte, index) => {
          buffer[at + 4 + index] = byte ^ (mask[index & 3] ?? 0);
        });
        unmask(buffer, at, payload.length);
        const expected = Buffer.alloc(memory.length, 0xee);
        expected.set(mask, before);
        expected.set(payload, before + 4);
        expect(memory).toEqual(expected);
      },
    ),
  );
});
